"""Identifiers in the shape that each provider gives them, drawn from a seeded generator."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random

_BASE58 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

ACCOUNT_SID = "AC5d0f6a1b2c3d4e5f60718293a4b5c6d7"
"""The estate's Twilio account; synthetic, as every identifier here."""
AWS_ACCOUNT = "111122223333"
AWS_REGION = "us-west-2"
INSTANCE_ARN = (
    f"arn:aws:connect:{AWS_REGION}:{AWS_ACCOUNT}:instance/0b7c8d9e-1f20-4a31-8b42-c53d64e75f86"
)
ZENDESK_HOST = "harborline.zendesk.com"


def hex_id(rng: Random, prefix: str = "", digits: int = 32) -> str:
    """``prefix`` and so many lower-case hex digits: Twilio SIDs, trace and span IDs."""
    return f"{prefix}{rng.getrandbits(digits * 4):0{digits}x}"


def uuid4(rng: Random) -> str:
    """A version 4 UUID: Connect's contact IDs."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def livekit_id(rng: Random, prefix: str) -> str:
    """``prefix`` and twelve base-58 characters: RM_, AJ_, PA_, TR_, EG_, EV_, SCL_."""
    return prefix + "".join(rng.choices(_BASE58, k=12))


def ulid(rng: Random, at_ms: int) -> str:
    """A ULID whose time part is ``at_ms``."""
    value = (at_ms << 80) | rng.getrandbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def trace_from_call_sid(sid: str) -> str:
    """Trace ID of an application that roots its trace in the call: half a SHA-256 (S4-12)."""
    return hashlib.sha256(sid.encode()).hexdigest()[:32]


@dataclass(slots=True)
class Identity:
    """Every identifier of one call, in all systems. Empty text: the call has none of it."""

    contact_ids: list[str] = field(default_factory=list)
    call_sid: str = ""
    """The leg that the caller dialled, or that Connect transferred to."""
    sip_call_sid: str = ""
    """The leg that reached LiveKit by SIP; equals ``call_sid`` on an elastic trunk."""
    human_call_sid: str = ""
    """The leg to a person, after the agent handed over."""
    recording_sid: str = ""
    sip_call_id: str = ""
    livekit_sip_call_id: str = ""
    room_sid: str = ""
    room_name: str = ""
    job_id: str = ""
    egress_id: str = ""
    trace_id: str = ""
    canonical_call_id: str = ""
    """Minted by the operator's own stack at ingress; most calls have none."""


def make_identity(seed: int, ordinal: int, route: str, caller: str, start_ms: int) -> Identity:
    """All identifiers that call ``ordinal`` may need, whether or not it comes to use them.

    A pure function of its arguments, so that another call (a shared ticket) can name them too.
    """
    rng = Random(f"{seed}|ids|{ordinal}")
    ids = Identity()
    if route.startswith("ivr"):
        ids.contact_ids = [uuid4(rng) for _ in range(4)]
    if route in {"ivr_to_agent", "direct_to_agent"}:
        ids.call_sid = hex_id(rng, "CA")
        trunk = rng.random() < 0.5
        ids.sip_call_sid = ids.call_sid if trunk else hex_id(rng, "CA")
        ids.human_call_sid = hex_id(rng, "CA")
        ids.recording_sid = hex_id(rng, "RE")
        ids.sip_call_id = f"{hex_id(rng)}@172.25.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        ids.livekit_sip_call_id = livekit_id(rng, "SCL_")
    if route != "ivr_only":
        ids.room_sid = livekit_id(rng, "RM_")
        tail = "".join(rng.choices(_BASE58, k=12))
        ids.room_name = f"web-{tail}" if route == "web_call" else f"call-_{caller}_{tail}"
        ids.job_id = livekit_id(rng, "AJ_")
        ids.egress_id = livekit_id(rng, "EG_")
        rooted = ids.sip_call_sid and rng.random() < 0.4
        ids.trace_id = trace_from_call_sid(ids.sip_call_sid) if rooted else hex_id(rng)
        if rng.random() < 0.35:
            ids.canonical_call_id = f"call_{ulid(rng, start_ms)}"
    return ids
