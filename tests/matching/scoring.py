"""Pairs that a method proposes against the truth.

Pairs are tables with ``left_side_id``, ``right_side_id`` and ``confidence`` (of a baseline: its
score, or null). Whatever touches a side that a key ties is not scored, for any method: the keyed
pairs are what the matcher may learn from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tests.matching.sides import Sides

PAIR_SCHEMA = pa.schema(
    [
        ("left_side_id", pa.string()),
        ("right_side_id", pa.string()),
        ("confidence", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Score:
    """Of the pairs that no key ties: ``abstained`` is the share of them that got no partner."""

    precision: float
    recall: float
    f1: float
    abstained: float

    def rounded(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Decile:
    """Pairs whose confidence is in one tenth, their mean confidence and how many are true."""

    from_confidence: float
    pairs: int
    confidence: float
    true: float


def unkeyed(sides: Sides) -> Sides:
    """The sides without those that a key ties: what a method that knows of no keys is given."""
    left, right = (
        table.filter(pc.invert(pc.is_in(table["side_id"], sides.keyed()[f"{name}_side_id"])))
        for name, table in (("left", sides.left), ("right", sides.right))
    )
    return Sides(left, right, sides.truth)


def _judged(pairs: pa.Table, truth: pa.Table) -> duckdb.DuckDBPyConnection:
    """A connection with ``judged``: the pairs that are scored, and whether each is true."""
    connection = duckdb.connect()
    for name, table in (("proposed", pairs), ("truth", truth)):
        connection.register("given", table)
        connection.execute(f"create table {name} as from given")
    connection.execute(
        "create table judged as select p.left_side_id, p.confidence,"
        "   t.left_side_id is not null as is_true"
        " from proposed as p left join truth as t using (left_side_id, right_side_id)"
        " where p.left_side_id not in (select left_side_id from truth where keyed)"
        "   and p.right_side_id not in (select right_side_id from truth where keyed)"
    )
    return connection


def score(pairs: pa.Table, truth: pa.Table, *, at_least: float | None = None) -> Score:
    """Score all the pairs, or those of at least that confidence."""
    connection = _judged(pairs, truth)
    if at_least is not None:
        connection.execute("delete from judged where confidence < ?", [at_least])
    proposed, right, total, answered = connection.execute(
        "select (select count(*) from judged), (select count(*) from judged where is_true),"
        " (select count(*) from truth where not keyed),"
        " (select count(*) from truth where not keyed"
        "   and left_side_id in (select left_side_id from judged))"
    ).fetchone() or (0, 0, 0, 0)
    precision = right / proposed if proposed else 0.0
    recall = right / total if total else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Score(precision, recall, f1, 1 - answered / total if total else 0.0)


def best_threshold(pairs: pa.Table, truth: pa.Table) -> float:
    """The confidence from which on F1 is highest by the truth: no method can know it itself."""
    connection = _judged(pairs, truth)
    row = connection.execute(
        "with at_or_above as ("
        "   select confidence, sum(count(*)) over more as proposed,"
        "     sum(sum(is_true::int)) over more as correct"
        "   from judged group by confidence window more as (order by confidence desc))"
        " select arg_max(confidence, 2.0 * correct / (proposed"
        "   + (select count(*) from truth where not keyed))) from at_or_above"
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def deciles(pairs: pa.Table, truth: pa.Table) -> list[Decile]:
    """Calibration: confidence against truth, by tenths of confidence; empty ones are left out."""
    connection = _judged(pairs, truth)
    rows = connection.execute(
        "select least(floor(confidence * 10), 9) / 10, count(*), avg(confidence),"
        " avg(is_true::int) from judged where confidence is not null group by 1 order by 1"
    ).fetchall()
    return [Decile(*row) for row in rows]
