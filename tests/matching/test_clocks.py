"""Clock offsets: found to a second whatever the skew, per day, and refused where nothing tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest

from orchestration.matching.clocks import read_clocks
from orchestration.matching.population import populate

DAY = date(2026, 5, 1)
CALLS = 400


def sides(
    seed: int,
    *,
    skew_s: float = 0,
    drift_s: float = 0,
    days: int = 1,
    keyed: float = 0,
    callers: bool = False,
    resolution_s: int = 1,
    related: bool = True,
    sources: tuple[tuple[str, float], ...] = (("livekit", 0.0),),
) -> list[tuple[Any, ...]]:
    """Legs, and sessions a second after them on a clock (or several) that is ahead by the skew."""
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    for day in range(days):
        for number in range(CALLS):
            at = float(rng.uniform(0, 80_000))
            source, ahead = sources[number % len(sources)]
            late = at + 1 + float(rng.normal(0, 0.3)) + skew_s + drift_s * day + ahead
            late = late if related else float(rng.uniform(0, 80_000))
            name = f"{day}-{number}"
            call = f"k{name}" if rng.random() < keyed else None
            caller = f"tok_{name}" if callers else None
            for side, clock, when in (("telephony", "twilio", at), ("agent", source, late)):
                start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(
                    days=day, seconds=when // resolution_s * resolution_s
                )
                start = start.replace(tzinfo=None)
                own = f"{side}{name}"
                rows.append((own, call or own, side, clock, start, caller, start.date()))
    return rows


def read(rows: list[tuple[Any, ...]]) -> tuple[list[dict[str, Any]], dict[Any, str]]:
    with duckdb.connect() as con:
        con.execute(
            "create table known_side (side_id varchar, canonical_call_id varchar, side varchar,"
            " clock_source varchar, started_at timestamp, caller_token varchar, side_day date)"
        )
        con.executemany("insert into known_side values (?, ?, ?, ?, ?, ?, ?)", rows)
        for name in ("called_token", "account", "environment", "direction", "region", "language",
                     "reason", "record_id"):  # fmt: skip
            con.execute(f"alter table known_side add column {name} varchar")
        con.execute("alter table known_side add column ended_at timestamp")
        con.execute(
            "create table match_pair as select 'telephony_agent' as pair, 'telephony' as left_side,"
            " 'agent' as right_side, null::varchar as left_unless, 'start' as left_anchor,"
            " 20000::bigint as window_ms, null::varchar as block_by"
        )
        populate(con)
        return read_clocks(con)


def offsets_ms(clocks: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    """Right clock less left clock, by day and right source."""
    left = {row["day"]: row["offset_ms"] for row in clocks if row["role"] == "left"}
    return {
        (row["day"], row["clock_source"]): row["offset_ms"] - left[row["day"]]
        for row in clocks
        if row["role"] == "right"
    }


@pytest.mark.parametrize("skew_s", [0, -1, 7, 3600, -7200, 7200])
@pytest.mark.parametrize(
    ("known_by", "basis"),
    [({}, "correlation"), ({"callers": True}, "caller"), ({"keyed": 0.3}, "keyed")],
)
def test_a_constant_skew_is_recovered_to_a_second(
    skew_s: int, known_by: dict[str, Any], basis: str
) -> None:
    clocks, refused = read(sides(11, skew_s=skew_s, **known_by))
    found = offsets_ms(clocks)
    assert not refused
    (offset,) = [ms for (day, _), ms in found.items() if day == str(DAY)]
    assert offset == pytest.approx((skew_s + 1) * 1000, abs=1000)
    assert {row["basis"] for row in clocks} == {basis}


def test_drift_is_found_a_day_at_a_time() -> None:
    found = offsets_ms(read(sides(12, skew_s=3600, drift_s=1, days=5))[0])
    for day in range(5):
        at = (str(DAY + timedelta(day)), "livekit")
        assert found[at] == pytest.approx((3601 + day) * 1000, abs=600)


def test_several_clocks_are_told_apart() -> None:
    ahead = (("eu", 0.0), ("us", 5.0), ("ap", -3.0))
    found = offsets_ms(read(sides(13, keyed=0.5, sources=ahead))[0])
    for source, seconds in ahead:
        assert found[str(DAY), source] == pytest.approx((seconds + 1) * 1000, abs=300)


def test_starts_that_have_nothing_to_do_with_each_other_are_refused() -> None:
    clocks, refused = read(sides(14, related=False))
    assert clocks == []
    assert set(refused.values()) == {"clock_not_found"}


def test_a_log_of_whole_minutes_is_refused() -> None:
    clocks, refused = read(sides(15, keyed=0.5, resolution_s=60))
    assert clocks == []
    assert set(refused.values()) == {"minute_resolution"}


def test_a_day_with_too_few_calls_borrows_the_clock_of_the_nearest_day() -> None:
    rows = sides(16, skew_s=4, days=2)
    few = [row for row in rows if row[-1] == DAY or row[0].endswith(("-1", "-2", "-3"))]
    found = offsets_ms(read(few)[0])
    tomorrow = (str(DAY + timedelta(1)), "livekit")
    assert found[tomorrow] == found[str(DAY), "livekit"]


def test_a_day_that_nothing_is_near_is_refused() -> None:
    few = [row for row in sides(17) if row[0].endswith(("-1", "-2", "-3"))]
    clocks, refused = read(few)
    assert (clocks, set(refused.values())) == ([], {"too_few_calls"})
