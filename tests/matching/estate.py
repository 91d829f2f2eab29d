"""Sides of historical calls with known truth: what keyless matching is measured on.

The traffic is that of ../shared/ALGORITHMS.md, "Matching without keys"; ``Profile`` holds what it
is made of. It is tuned on a day of 200,000 calls so that the plain methods measured there do about
as well here (``tests/benchmarks/matching_baselines.py``). One choice was made by another method:
skews, jitter and the main number's share were raised once because Splink found a first profile
easy. The matcher itself was not run before that was settled. Everything is
drawn from ``numpy.random.default_rng`` of the seed: the same arguments give the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.matching.sides import TRUTH_SCHEMA, Sides, side_table

DAY_S = 86_400
FIRST_DAY = np.datetime64("2024-03-04", "us")

Floats = np.ndarray
Ints = np.ndarray


@dataclass(frozen=True)
class Profile:
    """What a day of calls is made of. Shares are of calls or sides; ``_s`` is seconds."""

    account_shares: tuple[float, ...] = (0.22, 0.18, 0.16, 0.14, 0.12, 0.1, 0.08)
    telephony_sources: int = 4
    agent_sources: int = 5
    skew_s: float = 2.0  # clocks are off by up to this, either way
    drift_s_per_day: float = 0.5  # standard deviation among the clocks
    answer_s: float = 0.2  # from the leg's start to the session's, at least
    start_jitter_s: float = 0.8
    end_jitter_s: float = 2.2
    straggler: float = 0.12  # sessions whose end comes seconds after, or before, the leg's
    straggler_s: float = 12.0
    telephony_resolution_ms: int = 1_000  # 60_000: a log of whole minutes
    agent_resolution_ms: int = 1
    keyed: float = 0.02
    token_missing: float = 0.2
    token_different: float = 0.05  # one system saw the trunk's number, the other the caller's
    shared_token: float = 0.1
    offices: int = 150
    callers_per_call: float = 1.6
    no_counterpart: float = 0.1  # half of it on either side
    burst: float = 0.1
    burst_calls: int = 50
    burst_s: float = 10.0
    redial: float = 0.04
    transfer: float = 0.04
    short: float = 0.2
    voicemail: float = 0.1
    outbound: float = 0.12
    called_shares: tuple[float, ...] = (0.85, 0.08, 0.04, 0.02, 0.01)
    called_missing: float = 0.4
    languages: tuple[str, ...] = ("en", "es")
    regions: tuple[str, ...] = ("us-east-1", "us-west-2")


@dataclass
class Legs:
    """True legs of calls, one position a leg in every array; times in seconds of the first day."""

    call: Ints
    started_s: Floats
    duration_s: Floats
    account: Ints
    caller: Ints
    called: Ints
    telephony: Ints
    agent: Ints
    outbound: Ints
    keyed: Ints

    def take(self, at: Ints) -> Legs:
        return Legs(*(values[at] for values in vars(self).values()))

    def with_more(self, other: Legs) -> Legs:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Legs(*(np.concatenate(pair) for pair in pairs))

    def __len__(self) -> int:
        return len(self.call)


@dataclass(frozen=True)
class Clocks:
    """Seconds by which each source's clock is ahead: ``offset_s + drift_s_per_day * days``."""

    offset_s: Floats
    drift_s_per_day: Floats

    def error_s(self, source: Ints, at_s: Floats) -> Floats:
        return self.offset_s[source] + self.drift_s_per_day[source] * at_s / DAY_S


@dataclass(frozen=True)
class Estate:
    """The sides, and the clocks that wrote them, by side (index is the source's number)."""

    sides: Sides
    clocks: dict[str, Clocks]


def _durations(rng: np.random.Generator, size: int) -> Floats:
    return np.exp(rng.normal(np.log(120), 0.9, size)).clip(1.5, 3 * 3_600)


def _day_of_calls(rng: np.random.Generator, day: int, size: int, profile: Profile) -> Legs:
    """First legs of a day's calls: a busy and a quiet time, bursts, redials."""
    shares = np.array(profile.account_shares)
    account = rng.choice(len(shares), size, p=shares / shares.sum())
    hour = np.where(rng.random(size) < 0.5, rng.normal(13, 5, size), rng.uniform(0, 24, size))
    started_s = (hour % 24) * 3_600
    burst = np.flatnonzero(rng.random(size) < profile.burst)
    number = rng.integers(0, max(len(burst) // profile.burst_calls, 1), len(burst))
    started_s[burst] = rng.uniform(6, 20, size)[number] * 3_600
    started_s[burst] += rng.exponential(profile.burst_s, len(burst))
    account[burst] = rng.integers(0, len(shares), size)[number]
    duration_s = _durations(rng, size)
    kind = rng.random(size)
    short, voicemail = kind < profile.short, kind > 1 - profile.voicemail
    duration_s[short] = rng.uniform(1.5, 9.0, int(short.sum()))
    # A greeting and a message of a fixed length: their durations tell little.
    duration_s[voicemail] = 24 + rng.normal(0, 1.0, int(voicemail.sum()))
    caller = rng.integers(0, max(int(size * profile.callers_per_call), 1), size)
    office = rng.random(size) < profile.shared_token
    # Large offices call more: the square weights the low numbers.
    caller[office] = -1 - (rng.random(int(office.sum())) ** 2 * profile.offices).astype(np.int64)
    called = account * 100 + rng.choice(len(profile.called_shares), size, p=profile.called_shares)
    redials = int(size * profile.redial)
    first, again = rng.permutation(size)[: 2 * redials].reshape(2, redials)
    started_s[again] = started_s[first] + duration_s[first] + rng.uniform(1, 60, redials)
    for values in (account, caller, called):
        values[again] = values[first]
    return Legs(
        call=day * 10_000_000 + np.arange(size),
        started_s=day * DAY_S + started_s,
        duration_s=duration_s,
        account=account,
        caller=caller,
        called=called,
        telephony=rng.integers(0, profile.telephony_sources, size),
        agent=rng.integers(0, profile.agent_sources, size),
        outbound=rng.random(size) < profile.outbound,
        keyed=rng.random(size) < profile.keyed,
    )


def _with_transfers(rng: np.random.Generator, legs: Legs, profile: Profile) -> Legs:
    """A transfer is a second leg, to another session, of the same call."""
    second = legs.take(np.flatnonzero(rng.random(len(legs)) < profile.transfer))
    second.started_s = second.started_s + second.duration_s + rng.uniform(0.5, 3.0, len(second))
    second.duration_s = _durations(rng, len(second))
    second.agent = rng.integers(0, profile.agent_sources, len(second))
    return legs.with_more(second)


def _names(prefix: str, numbers: Ints, missing: Ints | None = None) -> pa.Array:
    text = pc.cast(pa.array(numbers, mask=missing), pa.string())
    return pc.binary_join_element_wise(prefix, text, "")


def _instants(seconds: Floats, resolution_ms: int) -> pa.Array:
    floored_ms = np.floor(seconds * 1_000 / resolution_ms).astype(np.int64) * resolution_ms
    return pa.array(FIRST_DAY + floored_ms.astype("timedelta64[ms]").astype("timedelta64[us]"))


def _side_ids(rng: np.random.Generator, side: str, size: int) -> pa.Array:
    """Identifiers whose order says nothing of which belong together."""
    return _names(f"{side}:", rng.permutation(size))


def _true_times(
    rng: np.random.Generator, side: str, legs: Legs, profile: Profile
) -> tuple[Floats, Floats]:
    """When a system's part of each leg began and ended, by a clock that is right."""
    started_s, ended_s = legs.started_s, legs.started_s + legs.duration_s
    if side == "agent":
        # An agent is dispatched and joins; it leaves about when the caller does, or well off it.
        size = len(legs)
        started_s = started_s + profile.answer_s + rng.gamma(2.0, profile.start_jitter_s / 2, size)
        strays = rng.random(size) < profile.straggler
        ended_s = ended_s + rng.normal(
            0, np.where(strays, profile.straggler_s, profile.end_jitter_s)
        )
    return started_s, np.maximum(ended_s, started_s + 0.1)


def _write(
    rng: np.random.Generator, side: str, legs: Legs, clocks: Clocks, profile: Profile
) -> tuple[pa.Table, pa.Array]:
    """What one system recorded of the legs that it saw, and the side IDs in the order of these."""
    size, telephony = len(legs), side == "telephony"
    source = legs.telephony if telephony else legs.agent
    resolution_ms = profile.telephony_resolution_ms if telephony else profile.agent_resolution_ms
    started_s, ended_s = _true_times(rng, side, legs, profile)
    side_ids = _side_ids(rng, side, size)
    caller = legs.caller.copy()
    different = rng.random(size) < profile.token_different / 2
    caller[different] = -1_000 - legs.account[different]
    lacks_token = rng.random(size) < profile.token_missing
    lacks_called = np.zeros(size, bool) if telephony else rng.random(size) < profile.called_missing
    columns: dict[str, object] = {
        "side_id": side_ids,
        "canonical_call_id": pc.if_else(
            pa.array(legs.keyed), _names("call:", legs.call), _names("call:", side_ids)
        ),
        "side": pa.array([side]).take(pa.array(np.zeros(size, np.int8))),
        "clock_source": _names(f"{side}:", source),
        "account": _names("account:", legs.account),
        "started_at": _instants(started_s + clocks.error_s(source, started_s), resolution_ms),
        "ended_at": _instants(ended_s + clocks.error_s(source, ended_s), resolution_ms),
        "resolution_ms": np.full(size, resolution_ms),
        "caller_token": _names("token:", caller, lacks_token),
        "called_token": _names("number:", legs.called, lacks_called),
        "environment": pa.array(["production"]).take(pa.array(np.zeros(size, np.int8))),
        "direction": pa.array(["inbound", "outbound"]).take(pa.array(legs.outbound.astype(int))),
    }
    if not telephony:
        for name, values in (("language", profile.languages), ("region", profile.regions)):
            columns[name] = pa.array(values).take(pa.array(rng.integers(0, len(values), size)))
    return side_table(columns, size), side_ids


def _clocks(rng: np.random.Generator, sources: int, profile: Profile) -> Clocks:
    """Spread evenly, in random order: as hard by any seed."""
    spread = (rng.permutation(sources) + rng.random(sources)) / sources
    return Clocks(
        profile.skew_s * (2 * spread - 1),
        rng.normal(0, profile.drift_s_per_day, sources),
    )


def generate(seed: int, calls: int, days: int, profile: Profile | None = None) -> Estate:
    """``days`` days of ``calls`` calls, each seen by telephony (left) and by an agent (right).

    A call that is keyed is so on all its legs. Of the sides without a counterpart, half are legs
    and half are sessions. ``truth`` has one row a leg that both sides recorded.
    """
    profile = profile or Profile()
    rng = np.random.default_rng(seed)
    clocks = {
        "telephony": _clocks(rng, profile.telephony_sources, profile),
        "agent": _clocks(rng, profile.agent_sources, profile),
    }
    legs = _day_of_calls(rng, 0, calls, profile)
    for day in range(1, days):
        legs = legs.with_more(_day_of_calls(rng, day, calls, profile))
    legs = _with_transfers(rng, legs, profile)
    chance, half = rng.random(len(legs)), profile.no_counterpart / 2
    seen = {
        "telephony": chance >= half,
        "agent": (chance < half) | (chance >= profile.no_counterpart),
    }
    tables, side_ids = {}, {}
    for side, sees in seen.items():
        at = np.flatnonzero(sees)
        tables[side], names = _write(rng, side, legs.take(at), clocks[side], profile)
        side_ids[side] = np.full(len(legs), None, object)
        side_ids[side][at] = names.to_numpy(zero_copy_only=False)
    both = seen["telephony"] & seen["agent"]
    truth = pa.table(
        [side_ids["telephony"][both], side_ids["agent"][both], legs.keyed[both]],
        schema=TRUTH_SCHEMA,
    )
    return Estate(Sides(tables["telephony"], tables["agent"], truth), clocks)
