"""LiveKit as it posts webhooks: protojson bodies of a room's life.

Shapes: livekit_webhook.proto and the vendor's sample. protojson writes 64-bit integers as strings
and leaves zero values out (so a STANDARD participant has no ``kind``).
"""

from __future__ import annotations

import hashlib
from typing import Any

from ingest.simulator.clock import nanos
from ingest.simulator.faults import CONSTANT_TRACE_ID, ZERO_TRACE_ID
from ingest.simulator.ids import ACCOUNT_SID, AWS_ACCOUNT, livekit_id
from ingest.simulator.models import models_of
from ingest.simulator.records import Alias, Record
from ingest.simulator.session_report import report_record
from ingest.simulator.world import Call

PROVIDER = "livekit"
_CODECS = [{"mime": m} for m in ("audio/opus", "audio/red", "video/VP8", "video/H264")]
_TRUNK, _RULE = "ST_h7Kq2mZx9bWd", "SDR_t4Rn8cVy3pLs"
_PERMISSION = {"canSubscribe": True, "canPublish": True, "canPublishData": True}
_STRONG = (
    ("sip.twilio.callSid", "twilio_call_sid"),
    ("sip.amazon.contactId", "connect_contact_id"),
    ("sip.amazon.initialContactId", "connect_contact_id"),
    ("sip.callIDFull", "sip_call_id"),
    ("sip.callID", "livekit_sip_call_id"),
    ("sip.h.X-Canonical-Call-Id", "canonical_call_id"),
)
_OPENING = ("room_started", "participant_joined", "agent_job_started", "track_published")


def render(call: Call, skew_ms: int) -> list[Record]:
    """Webhooks and the session report of one call; nothing if the agent never reported."""
    silent = call.has("missing_agent_session") or call.has("stripped_room_name")
    if not call.ids.room_sid or silent:
        return []
    hooks = _Webhooks(call, skew_ms).all()
    report = report_record(call, skew_ms)
    if call.has("missing_agent_job"):
        return [hook for hook in hooks if "job" not in hook.body]
    if call.has("unfinished_call"):
        return [hook for hook in hooks if hook.body["event"] in _OPENING]
    return [*hooks, report]


def sip_attributes(call: Call) -> dict[str, str]:
    """Attributes of the caller's SIP participant; headers that a boundary dropped are absent."""
    ids = call.ids
    out = {
        "sip.callID": ids.livekit_sip_call_id,
        "sip.callStatus": "active",
        "sip.trunkID": _TRUNK,
        "sip.ruleID": _RULE,
        **_numbers(call),
    }
    if call.is_outbound:
        # No dispatch rule stands behind a call that the agent's side dialled.
        del out["sip.ruleID"]
    if call.has("missing_sip_headers"):
        return out
    out["sip.callIDFull"] = ids.sip_call_id
    out["sip.twilio.accountSid"] = ACCOUNT_SID
    out["sip.twilio.callSid"] = ids.sip_call_sid
    unlinked = call.has("missing_contact_header") or call.has("missing_connect_link")
    if ids.contact_ids and not unlinked:
        out["sip.amazon.contactId"] = ids.contact_ids[0]
        out["sip.amazon.initialContactId"] = ids.contact_ids[0]
        out["sip.amazon.sourceAccount"] = AWS_ACCOUNT
    if call.is_canonical_passed:
        out["sip.h.X-Canonical-Call-Id"] = ids.canonical_call_id
    return out


def _numbers(call: Call) -> dict[str, str]:
    """Both numbers; neither where the trunk's rule hides them (``hide_phone_number``)."""
    hides_both = {"telephony", "agent"} <= call.plan.withheld
    if "agent" in call.plan.withheld and not hides_both:
        return {}
    return {
        "sip.phoneNumber": "anonymous" if hides_both else call.caller.number,
        "sip.trunkPhoneNumber": call.plan.agent_number,
        "sip.hostname": "harborline.sip.livekit.cloud",
    }


def _caller_names(call: Call) -> tuple[str, str]:
    """Identity and name of the SIP participant (livekit/protocol, rpc: the dispatch rule)."""
    number = call.caller.number
    if {"telephony", "agent"} <= call.plan.withheld:
        return "sip_anonymous", "Phone anonymous"
    if "agent" in call.plan.withheld:
        return f"sip_{hashlib.sha256(number.encode()).hexdigest()[:16]}", f"Phone {number[-4:]}"
    return f"sip_{number}", f"Phone {number}"


def wire_trace_id(call: Call) -> str:
    """The trace ID that the agent stamps: its own, or one that many calls carry."""
    if call.has("constant_trace_id"):
        return CONSTANT_TRACE_ID
    return ZERO_TRACE_ID if call.has("zero_trace_id") else call.ids.trace_id


def trace_alias(call: Call) -> tuple[Alias, ...]:
    """The call's trace ID, unless it is one that many calls carry."""
    own = wire_trace_id(call) == call.ids.trace_id
    return (("otel_trace_id", call.ids.trace_id),) if own else ()


class _Webhooks:
    """Writes the events of one room in order."""

    def __init__(self, call: Call, skew_ms: int) -> None:
        self.call = call
        self.skew_ms = skew_ms
        rng, ids = call.rng, call.ids
        self.opened_ms = call.room_ms + 300
        self.room: dict[str, Any] = {
            "sid": ids.room_sid,
            "name": ids.room_name,
            "emptyTimeout": 300,
            "departureTimeout": 20,
            "creationTime": self.second(self.opened_ms),
            "creationTimeMs": str(self.opened_ms + skew_ms),
            "turnPassword": f"{rng.getrandbits(120):030x}",
            "enabledCodecs": _CODECS,
        }
        self.room_aliases: tuple[Alias, ...] = (
            ("livekit_room_sid", ids.room_sid),
            ("livekit_room_name", ids.room_name),
        )
        self.is_sip = bool(ids.livekit_sip_call_id)
        self.caller = self._caller()
        self.agent = self._agent()
        self.hooks: list[Record] = []

    def second(self, ms: int) -> str:
        """Whole seconds of LiveKit's clock as protojson writes an int64."""
        return str((ms + self.skew_ms) // 1000)

    def all(self) -> list[Record]:
        """Every webhook of the call."""
        call, start, end = self.call, self.opened_ms, self.call.agent_end_ms
        job = self._job(start + 60, "JS_RUNNING", 0)
        self.post("room_started", start)
        self.post("participant_joined", start + 120, participant=self.caller)
        self.post("agent_job_started", start + 200, job=job)
        self.post("participant_joined", start + 900, participant=self.agent)
        tracks = [self._track("microphone"), self._track("agent")]
        self.post("track_published", start + 300, participant=self.caller, track=tracks[0])
        self.post("track_published", start + 1000, participant=self.agent, track=tracks[1])
        if call.is_recorded:
            self.post("egress_started", start + 1200, egressInfo=self._egress(0))
        reason = "CLIENT_INITIATED" if call.disconnected_by == "caller" else "ROOM_DELETED"
        for who, track, at in ((self.caller, tracks[0], end), (self.agent, tracks[1], end + 200)):
            self.post("track_unpublished", at, participant=who, track=track)
            gone = {**who, "state": "DISCONNECTED", "disconnectReason": reason}
            self.post("participant_left", at + 50, participant=gone)
        if call.is_recorded:
            self.post("egress_ended", end + 1500, egressInfo=self._egress(end + 1400))
        self.post("agent_job_ended", end + 600, job=self._job(start + 60, "JS_SUCCESS", end + 500))
        self.post("room_finished", end + 2000)
        return self.hooks

    def post(self, event: str, at_ms: int, **parts: dict[str, Any]) -> None:
        """One webhook, delivered within two seconds."""
        key = livekit_id(self.call.rng, "EV_")
        created = {"id": key, "createdAt": self.second(at_ms)}
        body = {"event": event, "room": self.room, **parts, **created}
        aliases = self.room_aliases
        for part in parts.values():
            aliases += self._aliases(part)
        late = self.call.rng.randrange(50, 2000)
        self.hooks.append(Record(PROVIDER, "webhooks", key, body, at_ms + late, aliases))

    def _aliases(self, part: dict[str, Any]) -> tuple[Alias, ...]:
        attributes = part.get("attributes", {})
        found = [(namespace, attributes[name]) for name, namespace in _STRONG if name in attributes]
        if "app.trace_id" in attributes:
            found += trace_alias(self.call)
        if "egressId" in part:
            found.append(("livekit_egress_id", part["egressId"]))
        if "dispatchId" in part:
            found.append(("livekit_job_id", part["id"]))
        return tuple(dict.fromkeys(found))

    def _caller(self) -> dict[str, Any]:
        call, rng = self.call, self.call.rng
        joined = self.opened_ms + 120
        web = f"web-{call.caller.reference}", "Web caller"
        identity, name = _caller_names(call) if self.is_sip else web
        body: dict[str, Any] = {
            "sid": livekit_id(rng, "PA_"),
            "identity": identity,
            "state": "ACTIVE",
            "joinedAt": self.second(joined),
            "joinedAtMs": str(joined + self.skew_ms),
            "name": name,
            "version": 3,
            "permission": _PERMISSION,
            "region": call.region,
            "isPublisher": True,
        }
        if self.is_sip:
            body |= {"kind": "SIP", "attributes": sip_attributes(call)}
        return body

    def _agent(self) -> dict[str, Any]:
        call = self.call
        joined = self.opened_ms + 900
        untraced = call.has("missing_agent_job") or call.has("unlinked_trace")
        traced = {} if untraced else {"app.trace_id": wire_trace_id(call)}
        return {
            "sid": livekit_id(call.rng, "PA_"),
            "identity": f"agent-{call.ids.job_id}",
            "state": "ACTIVE",
            "joinedAt": self.second(joined),
            "joinedAtMs": str(joined + self.skew_ms),
            "name": "Ava",
            "version": 5,
            "permission": {**_PERMISSION, "agent": True},
            "region": call.region,
            "isPublisher": True,
            "kind": "AGENT",
            "attributes": {
                "lk.agent.state": "listening",
                **traced,
                "app.agent_id": models_of(call).agent_id,
                "app.prompt_version": models_of(call).prompt_version,
            },
        }

    def _track(self, name: str) -> dict[str, Any]:
        return {
            "sid": livekit_id(self.call.rng, "TR_"),
            "name": name,
            "source": "MICROPHONE",
            "mimeType": "audio/opus",
            "mid": "0",
            "stream": "camera",
        }

    def _egress(self, ended_ms: int) -> dict[str, Any]:
        call, ids = self.call, self.call.ids
        began = self.opened_ms + 1200
        info: dict[str, Any] = {
            "egressId": ids.egress_id,
            "roomId": ids.room_sid,
            "roomName": ids.room_name,
            "status": "EGRESS_COMPLETE" if ended_ms else "EGRESS_ACTIVE",
            "startedAt": nanos(began + self.skew_ms),
            "updatedAt": nanos((ended_ms or began) + self.skew_ms),
            "roomComposite": {"roomName": ids.room_name, "audioOnly": True},
        }
        if ended_ms:
            info["endedAt"] = nanos(ended_ms + self.skew_ms)
            path = f"recordings/{ids.room_sid}/{ids.egress_id}.ogg"
            info["fileResults"] = [
                {
                    "filename": path,
                    "startedAt": nanos(began + self.skew_ms),
                    "endedAt": nanos(ended_ms + self.skew_ms),
                    "duration": nanos(ended_ms - began),
                    "size": str((ended_ms - began) * 6),
                    "location": f"s3://harborline-egress/{path}",
                }
            ]
        if call.region.startswith("eu"):
            info["sourceType"] = "EGRESS_SOURCE_TYPE_WEB"
        return info

    def _job(self, started_ms: int, status: str, ended_ms: int) -> dict[str, Any]:
        ids = self.call.ids
        state: dict[str, Any] = {
            "status": status,
            "startedAt": nanos(started_ms + self.skew_ms),
            "updatedAt": nanos((ended_ms or started_ms) + self.skew_ms),
            "participantIdentity": f"agent-{ids.job_id}",
            "workerId": "AW_q2Wm8TzKc4xR",
        }
        if ended_ms:
            state["endedAt"] = nanos(ended_ms + self.skew_ms)
        return {
            "id": ids.job_id,
            "dispatchId": f"AD_{ids.job_id[3:]}",
            "room": {"sid": ids.room_sid, "name": ids.room_name},
            "namespace": "default",
            "agentName": "support-agent",
            "state": state,
        }
