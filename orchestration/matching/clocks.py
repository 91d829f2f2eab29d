"""How far the clocks of two systems are apart, per day, also where no call names both.

Preferred in this order, for each day and two clocks: the median over hand-offs whose keys are
known; the peak among sides with the same caller who was on one call that day; the peak of the
cross-correlation of all starts. A peak that does not stand out is no answer (``MIN_PEAK``): the day
is refused, not guessed. What is found between two clocks is then split into one clock each, so that
two with few calls in common borrow from those with many.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np

REACH_S = 7500
"""Two hours, for a time zone taken wrongly, and what clocks drift besides (seconds)."""
MIN_PEAK = 5.0
"""Least height of a peak over the median of what is beside it."""
MIN_SIGMAS = 8.0
"""And over chance: among 15,000 lags of few calls some are five times the median."""
MIN_PAIRS = 20
BORROWED_DAYS = 7
_DAY_S = 86_400
_BINS = 1 << 18

Key = tuple[str, date]
Clock = tuple[str, str]
"""Role and clock source."""


@dataclass(frozen=True)
class Reading:
    """How far the right clock was ahead of the left one on a day (ms), and how that is known."""

    left: str
    right: str
    offset_ms: float
    count: int
    basis: str


_KEYED = """
select
    hand_off.pair, lefts.side_day, lefts.clock_source, rights.clock_source,
    median(epoch_ms(rights.anchor_at) - epoch_ms(lefts.anchor_at)), count(*)
from hand_off
inner join anchored as lefts
    on hand_off.pair = lefts.pair and hand_off.left_side_id = lefts.own_side_id
    and lefts.role = 'left'
inner join anchored as rights
    on hand_off.pair = rights.pair and hand_off.right_side_id = rights.own_side_id
    and rights.role = 'right'
where hand_off.part = 'train'
group by all
having count(*) >= ?
"""

_ANCHORED = """
create or replace table anchored as
select
    population.*,
    case when role = 'left' and pairs.left_anchor = 'end' then ended_at else started_at end
        as anchor_at,
    count(*) over (partition by population.pair, role, side_day, caller_token) as caller_count
from population
inner join match_pair as pairs on population.pair = pairs.pair
"""

# Differences of same callers, by the second; those of one peak are a second or two wide.
_CALLERS = """
with differences as (
    select
        lefts.pair, lefts.side_day, lefts.clock_source as left_source,
        rights.clock_source as right_source,
        epoch_ms(rights.anchor_at) - epoch_ms(lefts.anchor_at) as difference_ms
    from anchored as lefts
    inner join anchored as rights
        on
            lefts.pair = rights.pair and lefts.side_day = rights.side_day
            and lefts.caller_token = rights.caller_token
    where
        lefts.role = 'left' and rights.role = 'right'
        and lefts.caller_count = 1 and rights.caller_count = 1
        and abs(epoch_ms(rights.anchor_at) - epoch_ms(lefts.anchor_at)) <= ?
),
seconds as (
    select
        pair, side_day, left_source, right_source,
        cast(floor(difference_ms / 1000.0) as bigint) as second, count(*) as times
    from differences
    group by all
),
peaks as (
    select
        pair, side_day, left_source, right_source,
        arg_max(second, (times, -abs(second))) as second, max(times) as top,
        sum(times) as total, median(times) as usual
    from seconds
    group by all
)
select
    peaks.pair, peaks.side_day, peaks.left_source, peaks.right_source,
    median(differences.difference_ms), count(*)
from peaks
inner join differences
    on
        peaks.pair = differences.pair and peaks.side_day = differences.side_day
        and peaks.left_source = differences.left_source
        and peaks.right_source = differences.right_source
        and differences.difference_ms
        between peaks.second * 1000 - 2500 and peaks.second * 1000 + 3500
where peaks.top >= ? * peaks.usual
group by all
having count(*) >= ?
"""


def read_clocks(
    con: duckdb.DuckDBPyConnection,
) -> tuple[list[dict[str, Any]], dict[Key, str]]:
    """Read every clock on every day of the population.

    Returns:
        Rows of the calibration's table ``clock``; and why, per pair and day that is not matched.
    """
    con.execute(_ANCHORED)
    refused = dict.fromkeys(con.execute(_COARSE).fetchall(), "minute_resolution")
    readings: dict[Key, dict[tuple[str, str], Reading]] = defaultdict(dict)
    for basis, rows in (
        ("keyed", con.execute(_KEYED, [MIN_PAIRS]).fetchall()),
        ("caller", con.execute(_CALLERS, [REACH_S * 1000, MIN_PEAK, MIN_PAIRS]).fetchall()),
    ):
        for pair, day, left, right, offset_ms, count in rows:
            readings[pair, day].setdefault(
                (left, right), Reading(left, right, float(offset_ms), count, basis)
            )
    clocks: list[dict[str, Any]] = []
    for key, sources in _sources(con).items():
        if key in refused:
            continue
        lefts, rights = sources["left"], sources["right"]
        known = readings[key]
        unread = [(a, b) for a in lefts for b in rights if (a, b) not in known]
        for left, right in unread if not _covers(known, lefts, rights) else []:
            found = _correlated(con, key, left, right)
            if isinstance(found, Reading):
                known[left, right] = found
            elif found and not known:
                refused[key] = found
        clocks += _split(key, known)
    return _borrowed(con, clocks, refused), refused


_COARSE = """
select pair, side_day
from anchored
inner join match_pair using (pair)
where anchor_at is not null and match_pair.window_ms < 120000
group by pair, side_day, role, clock_source
having count(*) >= 20 and avg(case when second(anchor_at) = 0 then 1 else 0 end) > 0.9
"""


def _sources(con: duckdb.DuckDBPyConnection) -> dict[Key, dict[str, list[str]]]:
    found: dict[Key, dict[str, list[str]]] = {}
    for pair, day, role, source in con.execute(
        "select distinct pair, side_day, role, clock_source from anchored"
        " where anchor_at is not null order by all"
    ).fetchall():
        found.setdefault((pair, day), {"left": [], "right": []})[role].append(source)
    return found


def _covers(known: dict[tuple[str, str], Reading], lefts: list[str], rights: list[str]) -> bool:
    """Whether every clock is tied, over readings, to every other one."""
    if not known:
        return False
    reached, frontier = set(), [("left", next(iter(known))[0])]
    while frontier:
        clock = frontier.pop()
        if clock in reached:
            continue
        reached.add(clock)
        for left, right in known:
            if clock in (("left", left), ("right", right)):
                frontier += [("left", left), ("right", right)]
    return reached >= {("left", name) for name in lefts} | {("right", name) for name in rights}


def _correlated(
    con: duckdb.DuckDBPyConnection, key: Key, left: str, right: str
) -> Reading | str | None:
    """The peak of the cross-correlation of two clocks' starts, by the second; or why there is none.

    None where either clock has too few sides that day to tell.
    """
    pair, day = key
    starts = []
    for role, source in (("left", left), ("right", right)):
        rows = con.execute(
            "select epoch_ms(anchor_at) from anchored where pair = ? and side_day = ? and role = ?"
            " and clock_source = ? and anchor_at is not null order by 1",
            [pair, day, role, source],
        ).fetchnumpy()["epoch_ms(anchor_at)"]
        starts.append(np.asarray(rows, dtype=np.int64))
    if min(len(part) for part in starts) < MIN_PAIRS:
        return None
    origin = min(part[0] for part in starts) - REACH_S * 1000
    counts = [np.bincount((part - origin) // 1000, minlength=_BINS)[:_BINS] for part in starts]
    spectrum = np.conj(np.fft.rfft(counts[0])) * np.fft.rfft(counts[1])
    product = np.round(np.fft.irfft(spectrum, _BINS))
    lags = np.concatenate([np.arange(REACH_S + 1), np.arange(-REACH_S, 0)])
    heights = product[lags]
    at = int(np.argmax(heights))
    usual = max(float(np.median(heights)), 1.0)
    if heights[at] < max(MIN_PEAK * usual, usual + MIN_SIGMAS * usual**0.5):
        return "clock_not_found"
    return _refined(starts, int(lags[at]) * 1000, left, right)


def _refined(starts: list[Any], lag_ms: int, left: str, right: str) -> Reading:
    """The median difference of neighbours near the peak, to the millisecond."""
    expected = starts[0] + lag_ms
    after = np.clip(np.searchsorted(starts[1], expected), 1, len(starts[1]) - 1)
    nearest = np.where(
        np.abs(starts[1][after] - expected) < np.abs(starts[1][after - 1] - expected),
        starts[1][after],
        starts[1][after - 1],
    )
    near = (nearest - starts[0])[np.abs(nearest - expected) <= 2000]
    offset = float(np.median(near)) if len(near) else float(lag_ms)
    return Reading(left, right, offset, len(near), "correlation")


def _split(key: Key, known: dict[tuple[str, str], Reading]) -> list[dict[str, Any]]:
    """One clock per source out of readings between two, by alternating weighted means."""
    clock: dict[Clock, float] = {}
    count: dict[Clock, int] = defaultdict(int)
    basis: dict[Clock, str] = {}
    for reading in known.values():
        for place in (("left", reading.left), ("right", reading.right)):
            clock[place] = 0.0
            count[place] += reading.count
            basis.setdefault(place, reading.basis)
    for _ in range(50 if len(known) > 1 else 1):
        for place in sorted(clock, reverse=True):
            terms = [
                (r.count, r.offset_ms + clock["left", r.left])
                if place[0] == "right"
                else (r.count, clock["right", r.right] - r.offset_ms)
                for r in known.values()
                if place in (("left", r.left), ("right", r.right))
            ]
            clock[place] = sum(n * x for n, x in terms) / sum(n for n, _ in terms)
    return [
        {
            "pair": key[0], "day": key[1].isoformat(), "role": role, "clock_source": source,
            "offset_ms": round(clock[role, source]), "basis": basis[role, source],
            "pair_count": count[role, source],
        }
        for role, source in sorted(clock)
    ]  # fmt: skip


def _borrowed(
    con: duckdb.DuckDBPyConnection, clocks: list[dict[str, Any]], refused: dict[Key, str]
) -> list[dict[str, Any]]:
    """Clocks of days that had too few calls to tell, from the nearest day that had; or refusal.

    A day goes by another one's clocks as a whole: they are only meant relative to each other.
    """
    read: dict[str, dict[date, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in clocks:
        read[row["pair"]][date.fromisoformat(row["day"])].append(row)
    rows = []
    for (pair, day), sources in _sources(con).items():
        if (pair, day) in refused:
            continue
        needed = {(role, name) for role, names in sources.items() for name in names}
        near = sorted(
            (other for other in read[pair] if abs(other - day) <= timedelta(BORROWED_DAYS)),
            key=lambda other: (abs(other - day), other),
        )
        best = max(
            near,
            key=lambda other: len(
                needed & {(row["role"], row["clock_source"]) for row in read[pair][other]}
            ),
            default=None,
        )
        if best is None:
            refused[pair, day] = "too_few_calls"
            continue
        rows += [{**row, "day": day.isoformat()} for row in read[pair][best]]
    return rows
