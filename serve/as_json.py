"""A call as the JSON that leaves the system: camelCase, grouped as the requirements group it.

The call is the canonical call context (S0-41 to S0-64), an event is the envelope (S0-67 to S0-80).
Columns that no group names keep their place at the top, so a new column is never lost.
"""

from __future__ import annotations

import json
from typing import Any

from serve.lookup import Found, Story

Row = dict[str, Any]

CALL_GROUPS = {
    "providerAliases": (
        "initial_contact_id", "current_contact_id", "twilio_call_sid", "sip_call_id",
        "livekit_room_name", "livekit_room_sid", "agent_session_id", "otel_trace_id",
        "recording_id", "crm_object_id",
    ),
    "ivrContext": (
        "entry_flow", "queue_name", "last_menu_option", "retry_count", "timeout_count",
        "no_match_count", "transfer_reason", "transfer_count",
    ),
    "agentContext": (
        "agent_id", "agent_version", "prompt_version", "model", "stt_provider", "tts_provider",
        "language",
    ),
    "privacy": (
        "redaction_policy_version", "contains_raw_audio", "contains_unredacted_transcript",
        "retention_class",
    ),
    "evidence": (
        "has_entry_evidence", "has_path_evidence", "has_heard_evidence", "has_decision_evidence",
        "has_experience_evidence", "has_outcome_evidence", "evidence_coverage",
    ),
}  # fmt: skip
EVENT_GROUPS = {
    "providerAliases": (
        "current_contact_id",
        "twilio_call_sid",
        "agent_session_id",
        "otel_trace_id",
    ),
    "privacy": ("redaction_state", "contains_sensitive_input", "redaction_policy_version"),
}


def story_json(story: Story, found: Found) -> Row:
    """One object: the call, where parts of it are now, its rows, and what the value matched."""
    return {
        "call": grouped(story.call, CALL_GROUPS),
        "partNowIn": story.part_now_in,
        "events": [_event(event) for event in story.events],
        "turns": [camel(turn) for turn in story.turns],
        "aliases": [camel(alias) for alias in story.aliases],
        "completeness": [camel(row) for row in story.completeness],
        "exceptions": [camel(row) for row in story.exceptions],
        "links": [camel(row) for row in story.links],
        **_matches(found),
    }


def no_story_json(found: Found, reason: str) -> Row:
    """The same object when a value names no call, or several: ``call`` is null."""
    return {"call": None, "events": [], **_matches(found), "reason": reason}


def grouped(row: Row, groups: dict[str, tuple[str, ...]]) -> Row:
    """A row in camelCase with some of its columns gathered under a group's name."""
    inside = {name for names in groups.values() for name in names}
    out: Row = camel({name: value for name, value in row.items() if name not in inside})
    for group, names in groups.items():
        out[group] = camel({name: row[name] for name in names if name in row})
    return out


def camel(value: Any) -> Any:
    """snake_case keys as camelCase, at every depth."""
    if isinstance(value, dict):
        return {camel_name(str(key)): camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def camel_name(name: str) -> str:
    """``twilio_call_sid`` as ``twilioCallSid``; a name without underscores stays."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def payload_of(event: Row) -> Any:
    """The event's payload, parsed; text that is not JSON stays text."""
    try:
        return json.loads(event["payload"])
    except (TypeError, ValueError):
        return event["payload"]


def _event(event: Row) -> Row:
    return grouped({**event, "payload": payload_of(event)}, EVENT_GROUPS)


def _matches(found: Found) -> Row:
    matches = [{**camel(match.call), "foundBy": match.found_by} for match in found.matches]
    return {"matches": matches, "matchCount": found.total}
