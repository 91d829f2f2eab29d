"""Which calls happen on a day: route, start, caller, repeat contacts, and the faults each one gets.

Small enough to hold a day of in memory; everything large is derived call by call from the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import floor
from random import Random

from ingest.simulator import secrets
from ingest.simulator.clock import DAY_MS, day_start_ms
from ingest.simulator.faults import CALL_FAULTS, FaultProfile
from ingest.simulator.ids import Identity, hex_id, make_identity

ROUTES = (("ivr_to_agent", 0.45), ("ivr_only", 0.25), ("direct_to_agent", 0.20), ("web_call", 0.10))
AGENT_NUMBER = "+18335550142"
"""The number that reaches the voice agent."""
ROOM_REUSE_GAP_MS = 6 * 3_600_000
LAST_START_MS = 22 * 3_600_000 + 1_800_000
"""On the last day nothing starts later, so that a run over the days sees every delivery."""
_HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 14, 13, 12, 10, 8, 6, 5, 4, 3, 2)
AREA_CODES = tuple(
    code
    for code in range(201, 990)
    if code % 10 != code // 10 % 10 and code // 10 % 10 != 9 and code % 100 != 55
)


@dataclass(slots=True)
class Caller:
    """Who calls: the same number and address on every call."""

    number: str
    email: str
    reference: str


@dataclass(slots=True)
class Plan:
    """One call before anything of it is worked out. ``ordinal`` is its number in the answer key."""

    ordinal: int
    route: str
    start_ms: int
    caller: Caller
    rank: int
    """Place among the day's calls of the same route."""
    follows: Plan | None = None
    """The earlier call of the same caller whose ticket this call shares."""
    is_followed: bool = False
    room_name: str = ""
    """A room name that other calls use too; empty: a name of its own."""
    faults: set[str] = field(default_factory=set)
    agent_number: str = AGENT_NUMBER
    """The number that reached the voice agent, or that it called from."""
    withheld: frozenset[str] = frozenset()
    """Sides that never learned the caller's number: telephony (Twilio and Connect), agent."""
    setup_ms: int = 0
    """How much later than usual the agent's room opened after the leg to it began."""
    hangup_ms: int = 0
    """How much later than the agent the telephone leg saw the end."""


def make_caller(seed: int, index: int) -> Caller:
    """The caller of that index; numbers lie in the 555-01xx range kept for fiction."""
    rng = Random(f"{seed}|caller|{index}")
    area = AREA_CODES[index // 100 % len(AREA_CODES)]
    return Caller(
        number=f"+1{area}55501{index % 100:02d}",
        email=secrets.address(rng),
        reference=f"HL-{100000 + index}",
    )


def plan_identity(seed: int, plan: Plan) -> Identity:
    """The identifiers of a planned call, with the faults that concern them."""
    return _identity(seed, plan, plan.ordinal, plan.route)


def second_identity(seed: int, plan: Plan, first: Identity) -> Identity:
    """The identifiers of the agent session to which the first one handed the caller over.

    The session, its room, its SIP leg and its trace are new; the caller's own leg, the contacts and
    the operator's ID are those of the call.
    """
    ids = _identity(seed, plan, -1 - plan.ordinal, "direct_to_agent")
    if ids.sip_call_sid == ids.call_sid:
        ids.sip_call_sid = ids.human_call_sid
    ids.call_sid, ids.contact_ids = first.call_sid, first.contact_ids
    ids.canonical_call_id = first.canonical_call_id
    return ids


def _identity(seed: int, plan: Plan, number: int, route: str) -> Identity:
    caller = plan.caller.number
    if "agent" in plan.withheld:
        # LiveKit names a room by what it shows of the number: its end, if told to hide the rest.
        caller = "anonymous" if "telephony" in plan.withheld else caller[-4:]
    ids = make_identity(seed, number, route, caller, plan.start_ms)
    if plan.room_name:
        ids.room_name = plan.room_name
    if plan.faults & {"unkeyed", "unlinked_trace"}:
        # Who was never told the CallSid makes no trace ID of it.
        ids.trace_id = hex_id(Random(f"{seed}|trace|{number}"))
    return ids


def plan_day(
    seed: int, start: date, day: int, *, days: int, calls: int, profile: FaultProfile
) -> list[Plan]:
    """The calls of day number ``day``, in order of their start."""
    rng = Random(f"{seed}|plan|{start.isoformat()}|{days}|{calls}|{day}")
    origin = day_start_ms(start + timedelta(days=day))
    last = day == days - 1
    starts = sorted(_start_offset(rng, last=last) for _ in range(calls))
    if not last and calls > 1:
        starts[-1] = DAY_MS - rng.randrange(20_000, 90_000)
    routes = rng.choices([r for r, _ in ROUTES], [w for _, w in ROUTES], k=calls)
    pool = max(10, int(calls * 0.7))
    ranks: dict[str, int] = {}
    plans: list[Plan] = []
    for i, (offset, route) in enumerate(zip(starts, routes, strict=True)):
        rank = ranks.get(route, 0)
        ranks[route] = rank + 1
        caller = make_caller(seed, int(pool * rng.random() ** 1.5))
        plan = Plan(day * calls + i, route, origin + offset, caller, rank)
        if i > 10 and rng.random() < 0.04:
            _follow(plan, plans[rng.randrange(i - 5)])
        plans.append(plan)
    _assign_faults(seed, day, plans, profile)
    return plans


def _start_offset(rng: Random, *, last: bool) -> int:
    hour = rng.choices(range(24), _HOUR_WEIGHTS)[0]
    offset = hour * 3_600_000 + rng.randrange(3_600_000)
    return offset % LAST_START_MS if last else offset


def _follow(plan: Plan, earlier: Plan) -> None:
    apart = plan.start_ms - earlier.start_ms
    if earlier.is_followed or earlier.follows or apart < 3_600_000:
        return
    plan.follows, earlier.is_followed = earlier, True
    plan.caller = earlier.caller


def _assign_faults(seed: int, day: int, plans: list[Plan], profile: FaultProfile) -> None:
    """Systematic sampling, so that a route's share of a fault on a day is its rate, not a draw."""
    for name, routes in CALL_FAULTS.items():
        rate = profile.rate(name)
        if rate <= 0:
            continue
        shift = {r: Random(f"{seed}|fault|{name}|{day}|{r}").random() for r in routes}
        for plan in plans:
            if plan.route in shift:
                at = plan.rank * rate + shift[plan.route]
                if floor(at + rate) > floor(at):
                    plan.faults.add(name)
    _share_rooms([p for p in plans if "reused_room_names" in p.faults])


def _share_rooms(plans: list[Plan]) -> None:
    last_use: list[int] = []
    for plan in plans:
        slot = next(
            (i for i, used in enumerate(last_use) if plan.start_ms - used >= ROOM_REUSE_GAP_MS),
            len(last_use),
        )
        if slot == len(last_use):
            last_use.append(0)
        last_use[slot] = plan.start_ms
        plan.room_name = f"support-desk-{slot + 1}"
