"""The one place where benchmark and scores call the matcher: its calibration, then its models."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.matching.calibrate import Calibration, Load, calibrate
from orchestration.matching.population import populate
from orchestration.matching.workbench import MODELS, Workbench
from orchestration.resources import DBT_DIR
from tests.matching.sides import Sides

ACCEPTED = ("linked", "candidate")
_PAIRS = """
select
    lefts.own_side_id as left_side_id, rights.own_side_id as right_side_id,
    links.confidence, links.status as decision
from matching.int_matching__link as links
inner join population as lefts on links.left_side_id = lefts.side_id
inner join population as rights on links.right_side_id = rights.side_id
"""


def match(sides: Sides, workdir: Path) -> pa.Table:
    """Candidate pairs as ``scoring.PAIR_SCHEMA`` and ``decision``, of all that the matcher kept.

    It is given both sides whole, and of the truth the keyed pairs only, by their common call ID.
    """
    return decide(sides, workdir / "decide", calibrate(load(sides), workdir / "calibrate"))


def load(sides: Sides) -> Load:
    """The sides as a calibration takes them, with the seeds of the pair that they are of."""

    def into(con: duckdb.DuckDBPyConnection) -> None:
        for name, table in (("left_given", sides.left), ("right_given", sides.right)):
            con.register(name, table)
        con.execute(
            "create table known_side as select * exclude (resolution_ms), side_id as record_id,"
            " started_at::date as side_day"
            " from (select * from left_given union all select * from right_given)"
        )
        for seed in ("match_pair", "match_feature"):
            con.execute(
                f"create table {seed} as from read_csv(?, nullstr = '')",
                [str(DBT_DIR / "seeds" / "matching" / f"{seed}.csv")],
            )
        con.execute("alter table match_pair alter block_by type varchar")
        con.execute(
            "delete from match_pair where left_side not in (select side from known_side)"
            " or right_side not in (select side from known_side)"
        )
        # Both systems of the test data name accounts alike.
        con.execute("update match_pair set block_by = 'account'")
        con.execute("delete from match_feature where pair not in (select pair from match_pair)")

    return into


def decide(sides: Sides, workdir: Path, calibration: Calibration) -> pa.Table:
    """What the models decide about the sides that no key ties, by a calibration."""
    bench = Workbench(workdir)
    with bench.connection() as con:
        load(sides)(con)
        populate(con)
        con.execute("delete from population where part != 'live'")
        bench.lay_out(con)
    bench.give(calibration.tables)
    bench.run(MODELS)
    with bench.connection() as con:
        return con.execute(_PAIRS).to_arrow_table()


def accepted(pairs: pa.Table) -> pa.Table:
    """The pairs that the matcher decided for, whether or not its precision is proved."""
    return pairs.filter(pc.is_in(pairs["decision"], pa.array(ACCEPTED)))
