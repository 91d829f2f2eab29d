"""One calibration: clocks, weights, the share with a partner, then the blindfold test of it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.matching.clocks import read_clocks
from orchestration.matching.population import SAMPLE, populate, thin
from orchestration.matching.quality import confidence_scale, deciles, quality
from orchestration.matching.weights import DEFAULT_SHARE, partner_shares, weights, window_ms
from orchestration.matching.workbench import MODELS, Workbench

Load = Callable[[duckdb.DuckDBPyConnection], None]
"""Makes ``known_side`` (columns of int_matching__side), ``match_pair`` and ``match_feature``."""

_HIDDEN = """
create or replace table hidden as
select
    pair,
    pair || ':' || left_side_id as left_side_id,
    pair || ':' || right_side_id as right_side_id,
    part, false as is_alone,
    ('0x' || substr(digest, 3, 6))::bigint / 16777216.0 as place
from hand_off
"""
# As many hand-offs lose their partner as waiting sides have none, or the test would be too easy.
_ALONE = """
update hidden set is_alone = true where pair = ? and place >= ?
"""
_LEAVE = """
delete from population where side_id in (select right_side_id from hidden where is_alone)
"""


@dataclass(frozen=True)
class Calibration:
    """What a calibration found, by table (``versions.TABLES``): rows as they are kept."""

    tables: dict[str, list[dict[str, Any]]]

    def overall(self) -> list[dict[str, Any]]:
        """The rows of ``quality`` that are of all days and all traffic, one a pair."""
        return [
            row
            for row in self.tables["quality"]
            if row["day"] is None and row.get("traffic") is None
        ]


def from_warehouse(warehouse: Path) -> Load:
    """Load a built warehouse's sides and seeds.

    Raises (when loading): duckdb.Error where the warehouse was never built.
    """

    def load(con: duckdb.DuckDBPyConnection) -> None:
        place = str(warehouse).replace("'", "''")
        con.execute(f"attach '{place}' as source (read_only)")
        con.execute("create table known_side as from source.matching.int_matching__side")
        con.execute("create table match_pair as from source.seeds.match_pair")
        con.execute("create table match_feature as from source.seeds.match_feature")
        con.execute("detach source")

    return load


def calibrate(load: Load, folder: Path, sample: int = SAMPLE) -> Calibration:
    """Learn from the hand-offs whose keys are known, and test on those that were kept apart.

    Args:
        load: where the sides come from (``from_warehouse``).
        folder: the workbench; made anew.
        sample: about how many hand-offs of a pair are looked at, where there are more.

    Raises:
        CalibrationError: when a model of the matcher does not run.
    """
    bench = Workbench(folder)
    with bench.connection() as con:
        load(con)
        populate(con)
        clocks, refused = read_clocks(con)
        days = _days(con, refused)
        thin(con, sample)
        con.execute(_HIDDEN)
        bench.lay_out(con)
    bench.give({"clock": clocks, "day": days})
    bench.run(MODELS[:2])
    with bench.connection() as con:
        windows = window_ms(con)
        bench.give({"day": [{**row, "window_ms": windows[row["pair"]]} for row in days]})
        bench.give({"weight": weights(con)})
    bench.run(MODELS[2:3])
    with bench.connection() as con:
        shares = partner_shares(con)
        for pair in windows:
            con.execute(_ALONE, [pair, shares.get(pair, DEFAULT_SHARE)])
        con.execute(_LEAVE)
        bench.lay_out(con)
    days = [
        {
            **row,
            "window_ms": windows[row["pair"]],
            "partner_share": shares.get(row["pair"], DEFAULT_SHARE),
        }
        for row in days
    ]
    bench.give({"day": days})
    bench.run(MODELS)
    with bench.connection() as con:
        bench.give({"confidence": confidence_scale(con)})
    bench.run(MODELS[3:])
    with bench.connection() as con:
        bench.give({"quality": quality(con, refused), "decile": deciles(con)})
    return Calibration({name: [dict(row) for row in rows] for name, rows in bench.tables.items()})


def _days(
    con: duckdb.DuckDBPyConnection, refused: dict[tuple[str, Any], str]
) -> list[dict[str, Any]]:
    rows = con.execute(
        "select distinct population.pair, side_day, window_ms from population"
        " inner join match_pair on population.pair = match_pair.pair order by all"
    ).fetchall()
    return [
        {
            "pair": pair, "day": day.isoformat(), "window_ms": widest,
            "partner_share": DEFAULT_SHARE, "refused_reason": refused.get((pair, day)),
        }
        for pair, day, widest in rows
    ]  # fmt: skip
