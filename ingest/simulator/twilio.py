"""Twilio as its REST API answers: calls and recordings (whole seconds, durations as text).

Shapes: the vendor's OpenAPI examples of the 2010-04-01 API.
"""

from __future__ import annotations

from typing import Any

from ingest.simulator.clock import rfc2822
from ingest.simulator.ids import ACCOUNT_SID
from ingest.simulator.legs import TRUNK_SID, Leg, legs_of
from ingest.simulator.records import Alias, Record
from ingest.simulator.twilio_insights import event_records, summary_record
from ingest.simulator.world import Call

PROVIDER = "twilio"
ACCOUNT_PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
_NUMBER_SID = "PN7d9f0a2c4e6b8d0f1a3c5e7b9d3c1e5b"
_CALL_PARTS = (
    ("notifications", "Notifications"),
    ("recordings", "Recordings"),
    ("payments", "Payments"),
    ("events", "Events"),
    ("siprec", "Siprec"),
    ("streams", "Streams"),
    ("transcriptions", "Transcriptions"),
    ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
    ("user_defined_messages", "UserDefinedMessages"),
)
_UNFINISHED = {"status": "in-progress", "end_time": None, "duration": None, "price": None}
"""What the API shows of a call that is going on: neither a summary nor a recording yet."""


def render(call: Call, skew_ms: int) -> list[Record]:
    """Calls, recordings, Voice Insights summaries and events of one call's legs."""
    records: list[Record] = []
    for leg in legs_of(call):
        records.append(_call_record(leg, skew_ms))
        if call.has("unfinished_call"):
            records[-1].body |= _UNFINISHED
            continue
        records.append(summary_record(call, leg, skew_ms))
        records += event_records(call, leg, skew_ms)
    if records and call.is_recorded and not call.has("unfinished_call"):
        records.append(_recording(call, skew_ms))
    return records


def _formatted(number: str) -> str:
    if not number.startswith("+1"):
        return number
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


def _call_record(leg: Leg, skew_ms: int) -> Record:
    path = f"{ACCOUNT_PATH}/Calls/{leg.sid}"
    length = max(0, leg.end_ms - leg.answered_ms) // 1000
    body: dict[str, Any] = {
        "account_sid": ACCOUNT_SID,
        "answered_by": "machine_end_beep" if leg.is_outbound else None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": rfc2822(leg.created_ms + skew_ms),
        "date_updated": rfc2822(leg.end_ms + 900 + skew_ms),
        "direction": _direction(leg),
        "duration": str(length),
        "end_time": rfc2822(leg.end_ms + skew_ms),
        "forwarded_from": None,
        "from": leg.caller,
        "from_formatted": _formatted(leg.caller),
        "group_sid": None,
        "parent_call_sid": leg.parent or None,
        "phone_number_sid": _NUMBER_SID if leg.is_inbound else None,
        "price": f"-{0.0085 * (1 + length // 60):.4f}",
        "price_unit": "USD",
        "queue_time": "0",
        "sid": leg.sid,
        "start_time": rfc2822(leg.answered_ms + skew_ms),
        "status": "completed",
        "subresource_uris": {name: f"{path}/{tail}.json" for name, tail in _CALL_PARTS},
        "to": leg.callee,
        "to_formatted": _formatted(leg.callee),
        "trunk_sid": TRUNK_SID if leg.kind == "trunking" else None,
        "uri": f"{path}.json",
    }
    sids = (leg.sid, leg.parent) if leg.parent else (leg.sid,)
    aliases: tuple[Alias, ...] = tuple(("twilio_call_sid", sid) for sid in sids)
    return Record(PROVIDER, "calls", leg.sid, body, leg.end_ms + 2000, aliases)


def _direction(leg: Leg) -> str:
    if leg.is_outbound:
        return "outbound-api"
    return "inbound" if leg.is_inbound else "outbound-dial"


def _recording(call: Call, skew_ms: int) -> Record:
    sid, begin = call.ids.recording_sid, call.agent_start_ms + 1700
    length = max(1, (call.agents_end_ms - begin) // 1000)
    path = f"{ACCOUNT_PATH}/Recordings/{sid}"
    trunk = call.ids.sip_call_sid == call.ids.call_sid
    body: dict[str, Any] = {
        "account_sid": ACCOUNT_SID,
        "api_version": "2010-04-01",
        "call_sid": call.ids.call_sid,
        "conference_sid": None,
        "channels": 2,
        "date_created": rfc2822(begin + skew_ms),
        "date_updated": rfc2822(call.agents_end_ms + 4000 + skew_ms),
        "start_time": rfc2822(begin + skew_ms),
        "price": f"-{0.0025 * (1 + length // 60):.4f}",
        "price_unit": "USD",
        "duration": str(length),
        "sid": sid,
        "source": "Trunking" if trunk else "StartCallRecordingAPI",
        "status": "completed",
        "error_code": None,
        "uri": f"{path}.json",
        "subresource_uris": {
            "add_on_results": f"{path}/AddOnResults.json",
            "transcriptions": f"{path}/Transcriptions.json",
        },
        "encryption_details": None,
        "media_url": f"https://api.twilio.com{path}",
    }
    aliases = (("twilio_recording_sid", sid), ("twilio_call_sid", call.ids.call_sid))
    return Record(PROVIDER, "recordings", sid, body, call.agents_end_ms + 6000, aliases)
