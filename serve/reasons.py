"""Why a value names no published call: the nearest reason, and what to do next (S0-118).

A missing record is itself a finding: somebody had the identifier and its record did not arrive.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from serve.lookup import is_number, spellings
from serve.published import Snapshot

# (shape, namespace, what people call it, the stream that brings it)
SHAPES = (
    (r"CA[0-9a-f]{32}", "twilio_call_sid", "a Twilio Call SID", "twilio.calls"),
    (r"RE[0-9a-f]{32}", "twilio_recording_sid", "a Twilio recording SID", "twilio.recordings"),
    (r"RM_\w+", "livekit_room_sid", "a LiveKit room SID", "livekit.webhooks"),
    (r"AJ_\w+", "livekit_job_id", "a LiveKit agent job", "livekit.session_reports"),
    (r"PA_\w+", "livekit_participant_sid", "a LiveKit participant", "livekit.webhooks"),
    (r"EG_\w+", "livekit_egress_id", "a LiveKit egress", "livekit.webhooks"),
    (r"SCL_\w+", "livekit_sip_call_id", "a LiveKit SIP call", "livekit.webhooks"),
    (r"tok_[0-9a-f]{32}", "caller_token", "a caller token", "any stream"),
    (r"call_\w{1,60}", "canonical_call_id", "a call ID", "any stream"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "connect_contact_id",
     "an Amazon Connect contact ID", "amazon_connect.contact_records"),
    (r"[0-9a-f]{32}", "otel_trace_id", "a trace ID", "otlp.spans"),
    (r"[0-9]{1,18}", "crm_ticket_id", "a Zendesk ticket", "zendesk.tickets"),
    (r"[^\s@]+@[^\s@]+", "sip_call_id", "a SIP Call-ID", "twilio.summaries"),
)  # fmt: skip
_ULID = re.compile(r"call_([0-7][0-9A-HJKMNP-TV-Z]{25})", re.IGNORECASE)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def nearest_reason(snapshot: Snapshot, value: str) -> str:
    """One paragraph: what the value looks like, why it may be missing, what to look at."""
    return (
        _erased(snapshot, value)
        or _withheld(snapshot, value)
        or _other_day(snapshot, value)
        or _unknown_caller(snapshot, value)
        or _unknown_alias(snapshot, value)
    )


def day_of_call_id(value: str) -> str | None:
    """The UTC day on which a call with this ID began, for IDs that carry a ULID."""
    match = _ULID.fullmatch(value.strip())
    if not match:
        return None
    milliseconds = 0
    for character in match.group(1)[:10].upper():
        milliseconds = milliseconds * 32 + _CROCKFORD.index(character)
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return None


def _erased(snapshot: Snapshot, value: str) -> str | None:
    """A call ID that was published: it resolves, to the fact that the call is no more."""
    if not snapshot.has("call_erasure"):
        return None
    rows = snapshot.rows(
        "select erased_at, basis from call_erasure where erased_call_id in (select unnest(?))",
        spellings(value),
    )
    if not rows:
        return None
    why = "its retention was over" if rows[0]["basis"] == "retention" else "on request"
    return (
        f"This call was erased on {rows[0]['erased_at'][:10]}, {why}; nothing else of it is left."
    )


def _withheld(snapshot: Snapshot, value: str) -> str | None:
    rows = snapshot.rows(
        "select namespace, reason, list_sort(list(distinct canonical_call_id)) as calls"
        " from identity_conflict where alias_value in (select unnest(?))"
        " group by all order by 1, 2",
        spellings(value),
    )
    if not rows:
        return None
    told = []
    for row in rows:
        calls = ", ".join(str(call) for call in row["calls"] if call)
        touched = f"; calls it touches: {calls}" if calls else ""
        told.append(f"as {row['namespace']} ({row['reason']}{touched})")
    return (
        "This value joins nothing: it was withheld from the identity graph "
        + ", and ".join(told)
        + ". See the table identity_conflict."
    )


def _other_day(snapshot: Snapshot, value: str) -> str | None:
    day = day_of_call_id(value)
    if not day or day in snapshot.days:
        return None
    return (
        f"A call with this ID began on {day}, and no call of that day is published"
        f" ({_span(snapshot)}). Not landed: run `callstory run --from {day} --to {day}`."
    )


def _unknown_caller(snapshot: Snapshot, value: str) -> str | None:
    if not is_number(value) or not value.strip().startswith(("+", "(", "tel:")):
        return None
    return (
        f"No published call has this number as caller or called party ({_span(snapshot)})."
        " The number was made a token with CALLSTORY_TOKEN_KEY: another key gives other tokens."
    )


def _unknown_alias(snapshot: Snapshot, value: str) -> str:
    shape = _shape(value)
    pending = snapshot.count(
        "select count(distinct canonical_call_id) from call_completeness where reason = 'pending'"
    )
    waiting = (
        f" {pending} published calls still wait for a provider to finish (pending): theirs come"
        " with a coming run."
        if pending
        else ""
    )
    if not shape:
        return (
            f"No alias of any system has this value ({_span(snapshot)}). If it is right, its record"
            f" was not landed or is not final yet.{waiting}"
        )
    namespace, name, stream = shape
    known = snapshot.count(
        "select count(distinct alias_value) from call_alias where namespace = ?", namespace
    )
    if not known and namespace != "canonical_call_id":
        return (
            f"It looks like {name}, and no published call has one at all: is the provider on, and"
            f" did {stream} land? ({_span(snapshot)})"
        )
    return (
        f"It looks like {name}, but is none of those published ({_span(snapshot)}). Either its day"
        f" was not landed, or its record in {stream} is not final yet, or the record never arrived:"
        f" that boundary is then the first thing to look at.{waiting}"
    )


def _shape(value: str) -> tuple[str, str, str] | None:
    for spelled in spellings(value):
        for pattern, namespace, name, stream in SHAPES:
            if re.fullmatch(pattern, spelled):
                return namespace, name, stream
    return None


def _span(snapshot: Snapshot) -> str:
    days: list[Any] = snapshot.days
    if not days:
        return "no day is published"
    between = f"{days[0]} to {days[-1]}" if len(days) > 1 else f"{days[0]} only"
    return f"published: {len(days)} days, {between}"
