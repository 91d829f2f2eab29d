"""The generated estate is what it claims to be: its shares, clocks, truth, and no tell-tales."""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.matching.estate import Estate, Profile, generate
from tests.matching.scoring import unkeyed
from tests.matching.sides import SIDE_SCHEMA, TRUTH_SCHEMA

SEED = 11
CALLS, DAYS = 6_000, 2
KEYED = Profile(keyed=0.1)


@pytest.fixture(scope="module")
def estate() -> Estate:
    print(f"seed {SEED}")
    return generate(SEED, CALLS, DAYS, KEYED)


@pytest.fixture(scope="module")
def db(estate: Estate) -> duckdb.DuckDBPyConnection:
    return database(estate)


def database(estate: Estate) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    tables = {"leg": estate.sides.left, "session": estate.sides.right, "truth": estate.sides.truth}
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create table {name} as from given")
    connection.execute(
        "create view pair as select l.*, r.started_at as joined_at,"
        " r.clock_source as agent_source, r.caller_token as agent_token,"
        " r.account as agent_account, r.canonical_call_id as agent_call_id, keyed"
        " from truth join leg as l on l.side_id = left_side_id"
        " join session as r on r.side_id = right_side_id"
    )
    return connection


def one(db: duckdb.DuckDBPyConnection, query: str) -> float:
    row = db.execute(query).fetchone()
    assert row
    return float(row[0])


def test_same_seed_same_tables_and_another_seed_others(estate: Estate) -> None:
    again = generate(SEED, CALLS, DAYS, KEYED)
    for name, table in vars(estate.sides).items():
        assert getattr(again.sides, name).equals(table), name
    assert not generate(SEED + 1, CALLS, DAYS, KEYED).sides.left.equals(estate.sides.left)


def test_tables_are_sides(estate: Estate, db: duckdb.DuckDBPyConnection) -> None:
    sides = estate.sides
    assert sides.left.schema == sides.right.schema == SIDE_SCHEMA
    assert sides.truth.schema == TRUTH_SCHEMA
    for table in ("leg", "session"):
        assert one(db, f"select count(*) - count(distinct side_id) from {table}") == 0
        assert one(db, f"select count(*) from {table} where ended_at < started_at") == 0
    assert one(db, "select count(*) from pair") == len(sides.truth)
    assert one(db, "select count(distinct left_side_id) from truth") == len(sides.truth)
    assert one(db, "select count(distinct right_side_id) from truth") == len(sides.truth)


def test_shares_are_the_profiles(db: duckdb.DuckDBPyConnection) -> None:
    legs = one(db, "select (select count(*) from leg) + (select count(*) from session)")
    alone = legs - 2 * one(db, "select count(*) from truth")
    recorded = legs / 2 + alone / 2
    assert alone / recorded == pytest.approx(0.1, abs=0.01)
    for table in ("leg", "session"):
        missing = one(db, f"select avg((caller_token is null)::int) from {table}")
        assert missing == pytest.approx(0.2, abs=0.015)
    unlike = one(
        db,
        "select avg((caller_token <> agent_token)::int) from pair"
        " where caller_token is not null and agent_token is not null",
    )
    assert unlike == pytest.approx(0.05, abs=0.01)
    assert one(db, "select count(*) from pair where account <> agent_account") == 0


def test_only_keyed_calls_share_an_id(db: duckdb.DuckDBPyConnection) -> None:
    """A call is keyed with all its legs; of the others no two sides have the same ID."""
    assert (
        one(db, "select count(*) from pair where keyed <> (canonical_call_id = agent_call_id)") == 0
    )
    assert one(db, "select avg(keyed::int) from pair") == pytest.approx(0.1, abs=0.015)
    strangers = one(
        db,
        "select count(*) from (from leg union all from session)"
        " where side_id not in (select left_side_id from truth where keyed"
        "     union all select right_side_id from truth where keyed)"
        "   and canonical_call_id in (select canonical_call_id from pair where not keyed)"
        "   and canonical_call_id <> 'call:' || side_id",
    )
    assert strangers == 0


def test_transfers_and_redials_are_there(db: duckdb.DuckDBPyConnection) -> None:
    """Second legs follow the first within seconds and redials within a minute of one caller's."""
    followed = (
        "select count(*) from (select started_at - max(ended_at) over (partition by account,"
        " caller_token order by started_at rows between 1 preceding and 1 preceding) as gap"
        " from leg where caller_token is not null)"
    )
    legs = one(db, "select count(*) from leg")
    soon = one(db, f"{followed} where gap between interval '-8 seconds' and interval '70 seconds'")
    # 4 % are transfers and 4 % redials; both tokens are known of 64 % of them, and some cut in.
    assert 0.035 < soon / legs < 0.08


def test_one_side_is_cut_to_whole_seconds(db: duckdb.DuckDBPyConnection) -> None:
    cut = (
        "count(*) filter (epoch_us(started_at) % 1000000 = 0 and epoch_us(ended_at) % 1000000 = 0)"
    )
    assert one(db, f"select count(*) - {cut} from leg") == 0
    assert one(db, f"select {cut} from session") < 5


def test_minutes_are_an_option() -> None:
    estate = generate(SEED, 300, 1, Profile(telephony_resolution_ms=60_000))
    starts = estate.sides.left["started_at"].to_pylist()
    assert all(start.second == start.microsecond == 0 for start in starts)
    assert set(estate.sides.left["resolution_ms"].to_pylist()) == {60_000}


def test_clocks_are_those_that_are_told(estate: Estate, db: duckdb.DuckDBPyConnection) -> None:
    """The median difference of two sources is that of their clocks, up to one constant."""
    rows = db.execute(
        "select clock_source, agent_source, median(epoch_ms(joined_at) - epoch_ms(started_at))"
        " from pair where started_at < timestamp '2024-03-05' group by all"
    ).fetchall()
    noon = np.array(43_200.0)
    residuals = []
    for left, right, median_ms in rows:
        ahead = [
            float(estate.clocks[side].error_s(int(number), noon))
            for side, number in (name.split(":") for name in (left, right))
        ]
        residuals.append(median_ms / 1_000 - (ahead[1] - ahead[0]))
    assert len(rows) == 20
    assert np.ptp(residuals) < 0.6, residuals
    assert np.ptp([row[2] for row in rows]) > 2_000  # there is something to correct


def test_ids_and_order_tell_nothing(estate: Estate, db: duckdb.DuckDBPyConnection) -> None:
    numbers = "split_part({}, ':', 2)::double"
    left, right = numbers.format("left_side_id"), numbers.format("right_side_id")
    assert abs(one(db, f"select corr({left}, {right}) from truth")) < 0.05
    for table in ("leg", "session"):
        told = one(
            db, f"select corr({numbers.format('side_id')}, epoch_ms(started_at)) from {table}"
        )
        assert abs(told) < 0.05
    starts: list[datetime] = estate.sides.left["started_at"].to_pylist()
    assert starts == sorted(starts)


def test_unkeyed_leaves_out_what_a_key_ties(estate: Estate) -> None:
    known = unkeyed(estate.sides)
    keyed = estate.sides.keyed()
    assert len(keyed) > 0
    assert len(known.left) == len(estate.sides.left) - len(keyed)
    assert len(known.right) == len(estate.sides.right) - len(keyed)
    ids: pa.ChunkedArray = known.left["side_id"]
    assert not set(ids.to_pylist()) & set(keyed["left_side_id"].to_pylist())
