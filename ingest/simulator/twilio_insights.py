"""Voice Insights as its API answers: one summary a leg, and the events of the leg.

Shapes: the vendor's OpenAPI examples. Edges of a leg that has none are null; whole seconds.
"""

from __future__ import annotations

from typing import Any

from ingest.fields import content_key
from ingest.simulator.clock import iso_s
from ingest.simulator.ids import ACCOUNT_SID
from ingest.simulator.legs import ANONYMOUS, TRUNK_SID, Leg
from ingest.simulator.records import Alias, Record
from ingest.simulator.world import Call, Media

INSIGHTS = "https://insights.twilio.com/v1/Voice"
_CODECS = {"pcmu": 0, "pcma": 8, "opus": 111}
_CARRIERS = ("T-Mobile USA, Inc.", "AT&T Wireless", "Verizon Wireless", "Lumen, LLC")
_WARNING = "network-quality-warning-raised"
_EDGES = ("carrier_edge", "sip_edge", "sdk_edge", "client_edge")
_DIRECTIONS = {"trunking": "trunking_originating", "carrier": "inbound", "sip": "outbound_dial"}


def summary_record(call: Call, leg: Leg, skew_ms: int) -> Record:
    """The finished summary of a leg."""
    media = _media(call)
    carrier = _carrier_edge(leg, media) if leg.kind != "sip" else None
    sip = _sip_edge(leg, media) if leg.sip_call_id else None
    length = max(0, leg.end_ms - leg.created_ms) // 1000
    body: dict[str, Any] = {
        "call_sid": leg.sid,
        "account_sid": ACCOUNT_SID,
        "created_time": iso_s(leg.created_ms + skew_ms),
        "start_time": iso_s(leg.created_ms + 300 + skew_ms),
        "end_time": iso_s(leg.end_ms + skew_ms),
        "duration": length,
        "connect_duration": max(0, leg.end_ms - leg.answered_ms) // 1000,
        "call_type": leg.kind,
        "call_state": "completed",
        "answered_by": "machine_end_beep" if leg.is_outbound else None,
        "from": _party("caller", leg.caller, call.plan.ordinal),
        "to": _party("callee", leg.callee, call.plan.ordinal + 1),
        "processing_state": "partial" if call.has("partial_summary") else "complete",
        "sdk_edge": None,
        "sip_edge": sip,
        "client_edge": None,
        "carrier_edge": carrier,
        "tags": _tags(media),
        "attributes": {"conference_participant": False},
        "properties": {
            "last_sip_response_num": 200,
            "pdd_ms": media.pdd_ms,
            "disconnected_by": call.disconnected_by,
            "direction": _direction(leg),
        },
        "trust": None,
        "annotation": None,
        "url": f"{INSIGHTS}/{leg.sid}/Summary",
    }
    aliases: tuple[Alias, ...] = (("twilio_call_sid", leg.sid),)
    if leg.sip_call_id:
        aliases += (("sip_call_id", leg.sip_call_id),)
    return Record("twilio", "summaries", leg.sid, body, leg.end_ms + 1_800_000, aliases)


def partial_summary(summary: dict[str, Any]) -> dict[str, Any]:
    """What the same summary showed before it was final: no tags, no metrics, nobody hung up yet."""
    early = dict(summary)
    early["processing_state"] = "partial"
    early["tags"] = None
    for edge in ("sip_edge", "carrier_edge"):
        if summary[edge] is not None:
            early[edge] = {"properties": summary[edge]["properties"]}
    early["properties"] = {
        k: v for k, v in summary["properties"].items() if k in {"direction", "pdd_ms"}
    }
    return early


def _media(call: Call) -> Media:
    if call.media is None:
        raise ValueError("a leg needs media")
    return call.media


def _direction(leg: Leg) -> str:
    if leg.is_outbound:
        return "outbound_api"
    return _DIRECTIONS[leg.kind] if leg.is_inbound else "outbound_dial"


def _party(role: str, number: str, salt: int) -> dict[str, Any]:
    if not number.startswith("+"):
        return {role: number, "connection": "sip"}
    if number == ANONYMOUS:
        return {role: number, "carrier": None, "connection": None, "country_code": None}
    return {
        role: number,
        "carrier": _CARRIERS[salt % len(_CARRIERS)],
        "connection": "mobile" if salt % 3 else "landline",
        "number_prefix": number[1:5],
        "location": {"lat": 37.8044 + salt % 9, "lon": -122.2712 + salt % 30},
        "country_code": "US",
    }


def _tags(media: Media) -> list[str] | None:
    tags = [
        tag
        for tag, holds in (
            ("high_packet_loss", media.loss_pct > 3),
            ("high_jitter", media.jitter_avg > 7),
            ("high_latency", media.latency_ms > 300),
            ("high_pdd", media.pdd_ms > 2500),
            ("silence", media.has_silence),
        )
        if holds
    ]
    return tags or None


def _stream(media: Media, seconds: int, verb: str, share: float) -> dict[str, Any]:
    packets = seconds * 50
    loss = round(media.loss_pct * share, 2)
    return {
        "codec": _CODECS[media.codec],
        "codec_name": media.codec,
        f"packets_{verb}": packets,
        "packets_lost": round(packets * loss / 100),
        "packets_loss_percentage": loss,
        "jitter": {"max": media.jitter_max, "avg": media.jitter_avg},
        "latency": {"max": media.latency_ms * 1.4, "avg": float(media.latency_ms)},
    }


def _metrics(leg: Leg, media: Media) -> dict[str, Any]:
    seconds = max(1, (leg.end_ms - leg.answered_ms) // 1000)
    return {
        "inbound": _stream(media, seconds, "received", 1.0),
        "outbound": _stream(media, seconds, "sent", 0.3),
    }


def _carrier_edge(leg: Leg, media: Media) -> dict[str, Any]:
    return {
        "properties": {
            "media_region": "us1",
            "signaling_region": "us1",
            "edge_location": media.edge,
            "direction": "inbound" if leg.is_inbound else "outbound",
        },
        "metrics": _metrics(leg, media),
    }


def _sip_edge(leg: Leg, media: Media) -> dict[str, Any]:
    return {
        "properties": {
            "media_region": "us1",
            "signaling_region": "us1",
            "twilio_media_ip": "168.86.147.12",
            "twilio_signaling_ip": "54.172.60.2",
            "external_signaling_ip": "143.223.88.10",
            "sip_call_id": leg.sip_call_id,
            "user_agent": "LiveKit",
            "edge_location": media.edge,
            "trunk_sid": TRUNK_SID if leg.kind == "trunking" else None,
            "direction": "outbound",
        },
        "metrics": _metrics(leg, media),
    }


def event_records(call: Call, leg: Leg, skew_ms: int) -> list[Record]:
    """Call progress on each edge, and a warning where the line was bad or silent."""
    media = _media(call)
    out: list[Record] = []
    edges = ["carrier_edge"] if leg.kind != "sip" else []
    if leg.sip_call_id:
        edges.append("sip_edge")
    for edge in edges:
        moments = [
            (leg.created_ms, "connection", "initiated", "INFO"),
            (leg.created_ms + 400, "connection", "ringing", "INFO"),
            (leg.answered_ms, "connection", "answered", "INFO"),
            (leg.end_ms, "connection", "completed", "INFO"),
        ]
        middle = (leg.answered_ms + leg.end_ms) // 2
        if media.loss_pct > 3:
            moments.append((middle, _WARNING, "high-packet-loss", "WARNING"))
        if media.jitter_avg > 7:
            moments.append((middle + 1500, _WARNING, "high-jitter", "WARNING"))
        if media.has_silence:
            moments.append((middle + 4000, "audio-level-warning-raised", "silence", "WARNING"))
        out += [_event(leg, media, edge, moment, skew_ms) for moment in moments]
    return out


def _event(
    leg: Leg, media: Media, edge: str, moment: tuple[int, str, str, str], skew_ms: int
) -> Record:
    at_ms, group, name, level = moment
    metadata: dict[str, Any] = {
        "edge_location": media.edge,
        "media_region": "us1",
        "direction": "inbound" if leg.is_inbound else "outbound",
        "codec_name": media.codec,
    }
    if edge == "sip_edge":
        metadata["sip_call_id"] = leg.sip_call_id
    details: dict[str, Any] = {"metadata": metadata}
    if level == "WARNING":
        details["metrics"] = {
            "packets_loss_percentage": media.loss_pct,
            "jitter": {"avg": media.jitter_avg, "max": media.jitter_max},
            "rtt": media.latency_ms,
        }
    body: dict[str, Any] = {
        "timestamp": iso_s(at_ms + skew_ms),
        "call_sid": leg.sid,
        "account_sid": ACCOUNT_SID,
        "edge": edge,
        "group": group,
        "name": name,
        "level": level,
        **{e: details if e == edge else None for e in _EDGES},
    }
    return Record(
        "twilio",
        "events",
        content_key(body),
        body,
        leg.end_ms + 90_000,
        (("twilio_call_sid", leg.sid),),
    )
