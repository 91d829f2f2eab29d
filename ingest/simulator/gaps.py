"""Which identifiers a call has and no delivered record states, and why (S0-118, S0-164).

Told from the injected faults alone. What the pipeline makes of the records is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from ingest.simulator.records import Record
from ingest.simulator.world import Call

PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ivr_only": ("amazon_connect",),
        "ivr_to_agent": ("amazon_connect", "twilio", "livekit", "agent", "otlp"),
        "direct_to_agent": ("twilio", "livekit", "agent", "otlp"),
        "web_call": ("livekit", "agent", "otlp"),
    }
)
"""Route -> the systems that a call passes, in order."""

HOMES: Mapping[str, str] = MappingProxyType(
    {
        "initialContactId": "amazon_connect",
        "providerCallId": "twilio",
        "sipCallId": "twilio",
        "agentRoomName": "livekit",
        "agentSessionId": "agent",
        "traceId": "otlp",
        "traceSpans": "otlp",
    }
)
"""Role -> the system that gives it, for the roles that every call of its routes has."""

_ROLES = {
    "connect_contact_id": "initialContactId",
    "twilio_call_sid": "providerCallId",
    "sip_call_id": "sipCallId",
    "livekit_room_name": "agentRoomName",
    "livekit_job_id": "agentSessionId",
    "otel_trace_id": "traceId",
    "twilio_recording_sid": "recordingId",
    "livekit_egress_id": "recordingId",
}

_UNTRACED = ("missing_agent_session", "missing_agent_job", "missing_trace")


@dataclass(frozen=True)
class Gap:
    """A role that a call has and no record that arrived states.

    ``cause`` is a reason of ``call_completeness``; ``boundary`` (``a->b``) belongs to
    ``dropped_at_boundary``.
    """

    role: str
    cause: str
    boundary: str = ""


def exports_trace(call: Call) -> bool:
    """Whether the call's spans leave the collector."""
    return not any(map(call.has, _UNTRACED)) and not is_sampled_out(call)


def is_sampled_out(call: Call) -> bool:
    """Whether sampling left the trace out: it may drop only calls that went well (S4-29)."""
    failed = any(tool.is_error for turn in call.turns for tool in turn.tools)
    # Judged when the trace has come and is whole; the fault that needs the spans gets them.
    spared = any(map(call.has, (*_UNTRACED, "unfinished_call", "stripped_room_name")))
    went_well = call.outcome == "resolved" and not failed
    return call.has("sampled_trace") and went_well and not spared


def due_roles(call: Call) -> set[str]:
    """The identifiers that the call truly has, delivered or not."""
    path = PATHS[call.plan.route]
    roles = {role for role, home in HOMES.items() if home in path}
    recorded = any(session.is_recorded for session in call.sessions)
    if recorded or any(contact.agent for contact in call.contacts):
        roles.add("recordingId")
    if call.has_ticket:
        roles.add("crmObjectId")
    return roles


def stated_roles(records: Iterable[Record]) -> set[str]:
    """The roles that these records fill."""
    roles = set()
    for record in records:
        roles |= {_ROLES[namespace] for namespace, _ in record.aliases if namespace in _ROLES}
        if record.stream == "spans":
            roles.add("traceSpans")
        if record.stream == "contact_records" and (record.body["Recording"] or {}).get("Location"):
            roles.add("recordingId")
        if record.stream == "tickets":
            roles.add("crmObjectId")
    return roles


def gaps(call: Call, in_time: list[Record]) -> list[Gap]:
    """Every role that the call has and no record that arrived in time states, with its cause."""
    lacking = due_roles(call) - stated_roles(in_time) - {"crmObjectId"}
    streams = {f"{record.provider}.{record.stream}" for record in in_time}
    return [_gap(call, role, streams) for role in sorted(lacking)]


def _gap(call: Call, role: str, streams: set[str]) -> Gap:
    agent_side = streams & {"livekit.webhooks", "livekit.session_reports", "otlp.spans"}
    if role == "traceId" and _shows_poison(call, agent_side):
        cause = "conflicting"
    elif HOMES.get(role, "twilio") not in {"amazon_connect", "twilio"} and not agent_side:
        # Nothing of the agent's side arrived, whatever the several faults that kept it away.
        return Gap(role, "dropped_at_boundary", "twilio->livekit")
    elif role in {"traceId", "traceSpans"} and is_sampled_out(call):
        cause = "sampled_out"
    elif role == "agentRoomName" and call.has("stripped_room_name"):
        cause = "redacted_at_source"
    elif role == "recordingId" and call.has("deleted_recording"):
        cause = "expired_at_provider"
    elif role == "recordingId" or (role == "sipCallId" and call.has("unfinished_call")):
        # In a record that has not come, of a call or contact that its provider has not finished.
        cause = "pending"
    else:
        return Gap(role, "dropped_at_boundary", _lost_at(call, role))
    return Gap(role, cause)


def _shows_poison(call: Call, agent_side: set[str]) -> bool:
    """Whether a record that arrived carries a trace ID that many calls carry."""
    poisoned = call.has("constant_trace_id") or call.has("zero_trace_id")
    silent = call.has("missing_agent_job")
    return poisoned and not silent and bool(agent_side - {"livekit.session_reports"})


def _lost_at(call: Call, role: str) -> str:
    """The boundary before the role's home, or the earlier one that the call did not get over."""
    path = PATHS[call.plan.route]
    home = path.index(HOMES[role])
    if home >= path.index("agent") and call.has("missing_agent_job"):
        return "livekit->agent"
    return f"{path[home - 1]}->{path[home]}" if home else f"{path[0]}->{path[1]}"


def broken_links(call: Call, islands: list[set[str]]) -> list[str]:
    """Boundaries over which nothing says that the records on both sides are one call.

    ``islands`` are the providers of each group of records that identifying aliases join.
    """
    path = PATHS[call.plan.route]
    seen = [system for system in path if any(system in island for island in islands)]
    return [
        f"{giver}->{path[path.index(giver) + 1]}"
        for giver, taker in pairwise(seen)
        if not any({giver, taker} <= island for island in islands)
    ]
