"""The telephony legs of a call: what Twilio would bill, each one a call of its own to it."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.world import Call

SIP_TARGET = "sip:support@harborline.sip.livekit.cloud;transport=tcp"
HUMAN_NUMBER = "+14155550177"
ANONYMOUS = "+266696687"
"""What Twilio writes for a number that it was not shown: ANONYMOUS on a telephone's keys."""
TRUNK_SID = "TK3c1e5b7d9f0a2c4e6b8d0f1a3c5e7b9d"


@dataclass(frozen=True, slots=True)
class Leg:
    """One Twilio call: a leg, of which a conversation may have several."""

    sid: str
    parent: str
    kind: str
    """trunking, carrier or sip, as Voice Insights names it."""
    caller: str
    callee: str
    created_ms: int
    answered_ms: int
    end_ms: int
    sip_call_id: str = ""
    is_outbound: bool = False
    """Whether it was asked for through the API."""

    @property
    def is_inbound(self) -> bool:
        """Whether the caller dialled it; other legs were dialled for them."""
        return not self.parent and not self.is_outbound


def legs_of(call: Call) -> list[Leg]:
    """The legs of a call in the order of their beginning; none for calls that Twilio never saw."""
    ids, begin = call.ids, call.agent_start_ms
    if not ids.call_sid:
        return []
    trunk = ids.sip_call_sid == ids.call_sid
    number, pickup = call.number_on("telephony") or ANONYMOUS, begin + 1500
    end = max(call.agents_end_ms + call.plan.hangup_ms, call.human_end_ms, pickup + 500)
    parties = (number, call.plan.agent_number)
    main = Leg(
        ids.call_sid,
        "",
        "trunking" if trunk and not call.is_outbound else "carrier",
        *(parties[::-1] if call.is_outbound else parties),
        begin,
        pickup,
        end,
        ids.sip_call_id if trunk else "",
        call.is_outbound,
    )
    legs = [main] if trunk else [main, _sip_leg(call, number)]
    if call.second:
        legs.append(_sip_leg(call.second, number))
    if call.human_end_ms:
        at = call.agents_end_ms
        legs.append(
            Leg(
                ids.human_call_sid,
                ids.call_sid,
                "carrier",
                call.plan.agent_number,
                HUMAN_NUMBER,
                at,
                at + 6000,
                call.human_end_ms,
            )
        )
    return legs


def _sip_leg(session: Call, number: str) -> Leg:
    """The leg on which the caller reached one agent session."""
    begin, ids = session.agent_start_ms, session.ids
    return Leg(
        ids.sip_call_sid,
        ids.call_sid,
        "sip",
        number,
        SIP_TARGET,
        begin + 400,
        begin + 1500,
        max(session.agent_end_ms + session.plan.hangup_ms, begin + 2000),
        ids.sip_call_id,
    )
