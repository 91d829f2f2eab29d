"""What the traits of ``faults.HISTORY_FAULTS`` do to the calls of a day, and to the clocks.

Calls of a time when no system told the next one what it calls the call: only times, numbers and
circumstances are left to tell which records are one call. Everything here is a pure function of the
seed; the plans come out in the order of their start.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from random import Random
from typing import Any

from ingest.fields import content_key
from ingest.simulator.clock import DAY_MS
from ingest.simulator.course import build_call
from ingest.simulator.faults import HISTORY_FAULTS, FaultProfile
from ingest.simulator.plan import AREA_CODES, Caller, Plan, make_caller
from ingest.simulator.records import Record

AGENT_NUMBERS = ("+18335550142", "+18335550143", "+18335550161", "+18335550178")
"""The numbers that reach the voice agent; the first gets half of the calls."""
BURST_CALLS = 60
"""About so many calls begin at once."""
MAX_OFFICES = 25
MAX_OFFSET_MS, MAX_DRIFT_MS = 8000, 500
"""A system's clock is wrong by so much at most on the first day, and each day by so much more."""
DRIFTING = ("amazon_connect", "twilio", "livekit", "otlp")
_FIRST_START_MS = 60_000
"""No call begins earlier on a day, so that no wrong clock puts it on the day before the first."""
_MINUTES = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)\d\d(?:\.\d+)?(Z)"
    r"|(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:)\d\d( \+0000)"
)
_MINUTE_STREAMS = frozenset({"contact_records", "calls", "recordings", "summaries", "events"})


@lru_cache(maxsize=64)
def _clock(seed: int, system: str) -> tuple[int, int]:
    rng = Random(f"{seed}|clock|{system}")
    offset = rng.randint(-MAX_OFFSET_MS, MAX_OFFSET_MS)
    return offset, rng.randint(-MAX_DRIFT_MS, MAX_DRIFT_MS)


def clock_offset_ms(seed: int, profile: FaultProfile, system: str, day: int) -> int:
    """How far the system's clock is ahead for calls that begin on day number ``day``.

    The whole call is written with the offset of the day on which it begins.
    """
    drift = 0
    if system in DRIFTING:
        offset, a_day = _clock(seed, system)
        drift = round((offset + a_day * day) * profile.rate("clock_drift"))
    return profile.skew_ms(system) + drift


def to_minutes(record: Record) -> None:
    """Cuts the record's times down to their minute, as some archives keep them.

    Flow logs and what LiveKit and OpenTelemetry write keep the resolution of their format.
    """
    if record.stream in _MINUTE_STREAMS:
        record.body = _floored(record.body)
        if record.stream == "events":
            record.key = content_key(record.body)


def _floored(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floored(item) for key, item in value.items()}
    if isinstance(value, str) and (found := _MINUTES.fullmatch(value)):
        iso, zulu, rfc, zone = found.groups()
        return f"{iso or rfc}00{zulu or zone}"
    return value


def shape_day(
    seed: int, day: int, day_ms: int, plans: list[Plan], rates: FaultProfile
) -> list[Plan]:
    """The day's plans with their traits worked out, in order of their start.

    Args:
        seed: the estate's.
        day: number of the day in the estate, for the seeding of its bursts.
        day_ms: midnight at which the day begins (UTC epoch milliseconds).
        plans: from ``plan_day``, with the traits dealt out; they are changed in place. A trait that
            cannot be had (a call back to a machine that is a redial as well) is taken off again.
        rates: the profile.
    """
    rng = Random(f"{seed}|history|{day}")
    offices = max(2, min(MAX_OFFICES, round(len(plans) * rates.rate("shared_number") / 8)))
    for plan in plans:
        plan.start_ms = max(plan.start_ms, day_ms + _FIRST_START_MS)
        _settle(plan, is_last=plan is plans[-1])
        _shape(seed, plan, offices)
    _part(plans)
    _burst(rng, day_ms, plans)
    plans.sort(key=_start)
    _redial(seed, rng, day_ms + DAY_MS, plans)
    for plan in plans:
        if plan.follows:
            # One ticket for both: whether it names its calls is the later one's trait.
            same = {"unlinked_ticket"} & plan.faults
            plan.follows.faults = plan.follows.faults - {"unlinked_ticket"} | same
    return sorted(plans, key=_start)


def _start(plan: Plan) -> tuple[int, int]:
    return plan.start_ms, plan.ordinal


def _settle(plan: Plan, *, is_last: bool) -> None:
    """Takes off the traits that exclude each other; the day's last call keeps its time."""
    off: set[str] = {"burst", "redial"} if is_last else set()
    if "burst" in plan.faults:
        off |= {"redial"}
    if "voicemail" in plan.faults:
        off |= {"redial", "transfer", "very_short"}
    if "very_short" in plan.faults:
        off |= {"transfer"}
    plan.faults -= off


def _shape(seed: int, plan: Plan, offices: int) -> None:
    """What the traits mean for this call alone."""
    rng = Random(f"{seed}|history|call|{plan.ordinal}")
    plan.agent_number = rng.choices(AGENT_NUMBERS, (4, 2, 1, 1))[0]
    plan.setup_ms = min(1800, round(rng.lognormvariate(5.8, 0.7)))
    plan.hangup_ms = round(max(-600.0, min(2500.0, rng.gauss(150, 500))))
    hidden = rng.choices(("telephony", "agent", "both"), (9, 9, 2))[0]
    office = rng.randrange(offices)
    has_contact_key, loses_agent = rng.random() < 0.25, rng.random() < 0.5
    if "withheld_number" in plan.faults:
        both = frozenset({"telephony", "agent"})
        plan.withheld = both if hidden == "both" else frozenset({hidden})
    if "shared_number" in plan.faults:
        # The last numbers of the plan of numbers, which single callers reach in huge estates only.
        number = make_caller(seed, len(AREA_CODES) * 100 - 1 - office).number
        plan.caller = Caller(number, plan.caller.email, plan.caller.reference)
    if "unkeyed" in plan.faults:
        plan.faults.add("missing_sip_headers")
        if plan.route == "ivr_to_agent" and not has_contact_key:
            plan.faults.add("missing_connect_link")
    if "no_counterpart" in plan.faults:
        plan.faults.add("missing_agent_session" if loses_agent else "missing_telephony")


def _part(plans: list[Plan]) -> None:
    """Calls that move in time share no ticket with an earlier or later one."""
    moved = {"burst", "redial"}
    for plan in plans:
        if plan.follows and (plan.faults | plan.follows.faults) & moved:
            plan.follows.is_followed = False
            plan.follows = None


def _burst(rng: Random, day_ms: int, plans: list[Plan]) -> None:
    members = [plan for plan in plans if "burst" in plan.faults]
    moments = [
        (day_ms + rng.randrange(6 * 3_600_000, 20 * 3_600_000), rng.choice(AGENT_NUMBERS))
        for _ in range(max(1, round(len(members) / BURST_CALLS)))
    ]
    for plan in members:
        moment, plan.agent_number = rng.choice(moments)
        plan.start_ms = moment + round(rng.expovariate(1 / 4000))


def _redial(seed: int, rng: Random, until_ms: int, plans: list[Plan]) -> None:
    """Gives each redial the caller of an earlier call, and a start within a minute of its end."""
    sources = [
        plan
        for plan in plans
        if plan.route in HISTORY_FAULTS["redial"] and not plan.faults & {"redial", "voicemail"}
    ]
    starts = [plan.start_ms for plan in sources]
    used: set[int] = set()
    for plan in plans:
        if "redial" not in plan.faults:
            continue
        earlier = bisect_left(starts, plan.start_ms)
        tries = (rng.randrange(earlier) for _ in range(20)) if earlier else iter(())
        at = next((at for at in tries if at not in used), None)
        begin = 0
        if at is not None:
            begin = build_call(seed, sources[at]).end_ms + rng.randrange(2_000, 55_000)
        if at is None or begin >= until_ms:
            plan.faults.remove("redial")
            continue
        used.add(at)
        plan.start_ms = begin
        plan.caller, plan.agent_number = sources[at].caller, sources[at].agent_number
