"""The telephony legs of a call: what Twilio would bill, each one a call of its own to it."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.course import AGENT_NUMBER
from ingest.simulator.world import Call

SIP_TARGET = "sip:support@harborline.sip.livekit.cloud;transport=tcp"
HUMAN_NUMBER = "+14155550177"
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

    @property
    def is_inbound(self) -> bool:
        """Whether the caller dialled it; other legs were dialled for them."""
        return not self.parent


def legs_of(call: Call) -> list[Leg]:
    """The legs of a call in the order of their beginning; none for calls that Twilio never saw."""
    ids, begin = call.ids, call.agent_start_ms
    if not ids.call_sid:
        return []
    trunk = ids.sip_call_sid == ids.call_sid
    end = max(call.agent_end_ms, call.human_end_ms)
    number, pickup = call.caller.number, begin + 1500
    main = Leg(
        ids.call_sid,
        "",
        "trunking" if trunk else "carrier",
        number,
        AGENT_NUMBER,
        begin,
        pickup,
        end,
        ids.sip_call_id if trunk else "",
    )
    legs = [main]
    if not trunk:
        legs.append(
            Leg(
                ids.sip_call_sid,
                ids.call_sid,
                "sip",
                number,
                SIP_TARGET,
                begin + 400,
                pickup,
                call.agent_end_ms,
                ids.sip_call_id,
            )
        )
    if call.human_end_ms:
        at = call.agent_end_ms
        legs.append(
            Leg(
                ids.human_call_sid,
                ids.call_sid,
                "carrier",
                AGENT_NUMBER,
                HUMAN_NUMBER,
                at,
                at + 6000,
                call.human_end_ms,
            )
        )
    return legs
