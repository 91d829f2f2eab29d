"""What can go wrong with an estate: fault names, the rates of the profiles, and who gets which.

Call faults hit whole calls and are dealt out in the plan; record faults hit single records on their
way to the reader; estate faults hold for a system or a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_AGENT_ROUTES = ("ivr_to_agent", "direct_to_agent", "web_call")
_SIP_ROUTES = ("ivr_to_agent", "direct_to_agent")
_TWILIO_ROUTES = _SIP_ROUTES
_CONNECT_ROUTES = ("ivr_only", "ivr_to_agent")

HISTORY_FAULTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unkeyed": _SIP_ROUTES,
        "unlinked_trace": _AGENT_ROUTES,
        "unlinked_ticket": (*_AGENT_ROUTES, "ivr_only"),
        "withheld_number": _SIP_ROUTES,
        "shared_number": _SIP_ROUTES,
        "burst": _SIP_ROUTES,
        "redial": _SIP_ROUTES,
        "transfer": _SIP_ROUTES,
        "voicemail": ("direct_to_agent",),
        "very_short": _AGENT_ROUTES,
        "no_counterpart": _SIP_ROUTES,
        "minute_resolution": (*_SIP_ROUTES, "ivr_only"),
    }
)
"""Traits of calls from before keys were passed on -> routes that can have them (``history.py``).

unkeyed: no key crossed into LiveKit (as ``missing_sip_headers``, and the trace ID is not made from
    the CallSid); three in four IVR calls have no key between Connect and Twilio either (as
    ``missing_connect_link``).
unlinked_trace: spans name nothing of another system, and LiveKit does not name the trace.
unlinked_ticket: the ticket names no call, only the customer and the number.
withheld_number: one side never learned the caller's number; one time in ten neither did.
shared_number: one of a few offices, behind whose number many people call.
burst: begins within seconds of many others to the same number.
redial: the caller of another call again, to the same number, within a minute of its end.
transfer: the agent hands over to a second agent session in a room of its own.
voicemail: the agent calls back (outbound) and leaves a message on a machine.
very_short: the agent's session lasts 1.5 to 9 seconds.
no_counterpart: only one side was ever delivered: no agent session (``missing_agent_session``), or
    neither Twilio nor Connect (``missing_telephony``), half and half.
minute_resolution: Twilio's records and Connect's contact records show whole minutes (rate 1: all).
"""

CALL_FAULTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "missing_agent_session": _SIP_ROUTES,
        "missing_sip_headers": _SIP_ROUTES,
        "missing_contact_header": ("ivr_to_agent",),
        "missing_connect_attribute": ("ivr_to_agent",),
        "missing_connect_link": ("ivr_to_agent",),
        "missing_agent_job": _AGENT_ROUTES,
        "missing_trace": _AGENT_ROUTES,
        "sampled_trace": _AGENT_ROUTES,
        "constant_trace_id": _AGENT_ROUTES,
        "zero_trace_id": _AGENT_ROUTES,
        "reused_room_names": _AGENT_ROUTES,
        "stripped_room_name": _SIP_ROUTES,
        "deleted_recording": ("ivr_only",),
        "unfinished_call": ("direct_to_agent",),
        "unredacted_twin": _CONNECT_ROUTES,
        "unredacted_payload": _AGENT_ROUTES,
        "partial_summary": _TWILIO_ROUTES,
        "late_summary": _TWILIO_ROUTES,
        "missing_telephony": _SIP_ROUTES,
        **HISTORY_FAULTS,
    }
)
"""Faults of whole calls -> routes that can have them.

missing_agent_session: nothing of LiveKit or the traces was ever delivered.
missing_sip_headers: the SIP boundary passed no header: LiveKit names no call of another system.
missing_contact_header: LiveKit has no contact ID.
missing_connect_attribute: Connect has no CallSid.
missing_connect_link: both, and no canonical ID either: nothing joins Connect to the rest.
missing_agent_job: the agent told nothing of itself: no job, session report, span or trace ID.
missing_trace: the call's spans were never exported.
sampled_trace: the collector left the spans of a call out that went well.
constant_trace_id, zero_trace_id: spans carry a trace ID that many calls carry.
reused_room_names: one LiveKit room name for calls hours apart.
stripped_room_name: of the agent's side only spans arrived, from a project that strips personal
    attributes: the room's name is one.
deleted_recording: Connect deleted the recording and its location before it delivered the contact.
unfinished_call: the records are of a call that was still going on.
unredacted_twin: the "redacted" Contact Lens file shows plain text.
unredacted_payload: a card or phone number in a span attribute, tool output or ticket subject.
partial_summary: Voice Insights never finalised. late_summary: it did so a day late.
missing_telephony: nothing of Twilio or Connect was ever delivered.
"""

RECORD_FAULTS = ("duplicate_delivery", "late_delivery", "reemitted_record", "dropped_webhook")
"""Per record, of drops: delivered twice; a day or more later; again with changes (contact records);
never (webhooks)."""

ESTATE_FAULTS = (
    "malformed_line",
    "truncated_page",
    "rate_limited",
    "clock_skew",
    "clock_drift",
)
"""malformed_line: per drop file of lines. truncated_page, rate_limited: per request, bounded.
clock_skew: share of the full skew of ``SKEW_MS``. clock_drift: share of an offset and a drift a day
that the seed draws for each system (``history.clock_offset_ms``)."""

FAULTS = (*CALL_FAULTS, *RECORD_FAULTS, *ESTATE_FAULTS)

SKEW_MS: Mapping[str, int] = MappingProxyType(
    {"amazon_connect": 0, "twilio": 1400, "livekit": -650, "otlp": 230, "zendesk": 0}
)
"""How far each system's clock is ahead when ``clock_skew`` is 1."""

CONSTANT_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
ZERO_TRACE_ID = "0" * 32

_CLEAN = {"duplicate_delivery": 0.01, "rate_limited": 0.005}
_FAULTY = {
    "missing_agent_session": 0.006,
    "missing_sip_headers": 0.006,
    "missing_contact_header": 0.02,
    "missing_connect_attribute": 0.02,
    "missing_connect_link": 0.005,
    "missing_agent_job": 0.006,
    "missing_trace": 0.01,
    "constant_trace_id": 0.01,
    "zero_trace_id": 0.01,
    "reused_room_names": 0.03,
    "stripped_room_name": 0.01,
    "deleted_recording": 0.03,
    "unfinished_call": 0.03,
    "unredacted_twin": 0.03,
    "unredacted_payload": 0.02,
    "partial_summary": 0.02,
    "late_summary": 0.02,
    "duplicate_delivery": 0.02,
    "late_delivery": 0.01,
    "reemitted_record": 0.03,
    "dropped_webhook": 0.015,
    "malformed_line": 0.02,
    "truncated_page": 0.01,
    "rate_limited": 0.01,
    "clock_skew": 1.0,
}
_HISTORICAL = {
    "unkeyed": 0.7,
    "unlinked_trace": 0.7,
    "unlinked_ticket": 0.7,
    "withheld_number": 0.2,
    "shared_number": 0.05,
    "burst": 0.15,
    "redial": 0.03,
    "transfer": 0.04,
    "voicemail": 0.08,
    "very_short": 0.1,
    "no_counterpart": 0.1,
    "clock_drift": 1.0,
    "duplicate_delivery": 0.01,
    "rate_limited": 0.005,
}
PROFILES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {"clean": _CLEAN, "faulty": _FAULTY, "historical": _HISTORICAL}
)


@dataclass(frozen=True)
class FaultProfile:
    """Fault -> rate in [0, 1]. A fault that is not named does not happen."""

    name: str
    rates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fault, rate in self.rates.items():
            if fault not in FAULTS:
                raise ValueError(f"no such fault: {fault}; there are: {', '.join(FAULTS)}")
            if not 0.0 <= rate <= 1.0:
                raise ValueError(f"the rate of {fault} must lie between 0 and 1")

    @classmethod
    def of(cls, name: str, overrides: Mapping[str, float] | None = None) -> FaultProfile:
        """A named profile with some rates replaced.

        Raises:
            ValueError: for an unknown profile or fault, or a rate outside [0, 1].
        """
        if name not in PROFILES:
            raise ValueError(f"no such profile: {name}; there are: {', '.join(PROFILES)}")
        return cls(name, {**PROFILES[name], **(overrides or {})})

    def rate(self, fault: str) -> float:
        """The fault's rate, 0 if the profile does not name it."""
        return self.rates.get(fault, 0.0)

    @property
    def is_historical(self) -> bool:
        """Whether any trait of ``HISTORY_FAULTS`` is asked for."""
        return any(self.rate(fault) > 0 for fault in HISTORY_FAULTS)

    def skew_ms(self, provider: str) -> int:
        """How many milliseconds ``clock_skew`` puts the provider's clock ahead."""
        return round(SKEW_MS[provider] * self.rate("clock_skew"))
