"""The matcher on a day of calls: it is right, keeps its rules, and proves itself or is not used.

S0-169, S0-170, P-01; promises 2 and 6.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from orchestration.matching import calibrate as calibration
from orchestration.matching.calibrate import Calibration
from orchestration.matching.workbench import Workbench
from tests.matching import ours
from tests.matching.estate import Profile, generate
from tests.matching.sides import Sides

SEED = 41
LEAST = 0.98
"""What dbt's variable matching_min_precision is."""


@pytest.fixture(scope="module")
def sides() -> Sides:
    """A day of 3,000 calls, 40 % of which kept their keys."""
    print(f"seed {SEED}")
    return generate(SEED, 3000, 1, Profile(keyed=0.4)).sides


def overall(found: Calibration) -> dict[str, Any]:
    (row,) = [row for row in found.overall() if row["pair"] == "telephony_agent"]
    return row


@pytest.fixture(scope="module")
def found(sides: Sides, tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibration.calibrate(ours.load(sides), tmp_path_factory.mktemp("calibrate"))


@pytest.fixture(scope="module")
def pairs(
    sides: Sides, found: Calibration, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], tuple[str, float]]:
    return decided(ours.decide(sides, tmp_path_factory.mktemp("decide"), found))


def decided(table: pa.Table) -> dict[tuple[str, str], tuple[str, float]]:
    """Decision and confidence by (left side, right side)."""
    columns = ("left_side_id", "right_side_id", "decision", "confidence")
    rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
    return {(left, right): (decision, confidence) for left, right, decision, confidence in rows}


def test_a_sound_matcher_proves_itself_and_is_right_where_nobody_knows(
    sides: Sides, found: Calibration, pairs: dict[tuple[str, str], tuple[str, float]]
) -> None:
    row = overall(found)
    assert row["precision_low"] >= LEAST
    assert row["recall"] > 0.7
    linked = [pair for pair, (decision, _) in pairs.items() if decision == "linked"]
    true = {
        (row["left_side_id"], row["right_side_id"])
        for row in sides.truth.to_pylist()
        if not row["keyed"]
    }
    right = len(true & set(linked))
    assert right / len(linked) >= row["precision_low"]
    assert row["recall_low"] - 0.03 <= right / len(true) <= row["recall_high"] + 0.03


def test_what_a_key_ties_is_no_candidate_and_nothing_is_linked_twice(
    sides: Sides, pairs: dict[tuple[str, str], tuple[str, float]]
) -> None:
    keyed = sides.keyed()
    tied = {*keyed["left_side_id"].to_pylist(), *keyed["right_side_id"].to_pylist()}
    assert tied
    assert not {side for pair in pairs for side in pair} & tied
    linked = [pair for pair, (decision, _) in pairs.items() if decision == "linked"]
    for position in (0, 1):
        assert len({pair[position] for pair in linked}) == len(linked)


def test_the_order_of_the_sides_changes_nothing_nor_does_a_call_of_another_day(
    sides: Sides,
    found: Calibration,
    pairs: dict[tuple[str, str], tuple[str, float]],
    tmp_path: Path,
) -> None:
    def changed(table: pa.Table, order: int) -> pa.Table:
        shuffled = table.take(np.random.default_rng(order).permutation(len(table)))
        other = table.slice(0, 1).to_pylist()[0]
        later = timedelta(days=3)
        other |= {
            "side_id": "other" + other["side"],
            "canonical_call_id": "other" + other["side"],
            "started_at": other["started_at"] + later,
            "ended_at": other["ended_at"] + later,
        }
        return pa.concat_tables([shuffled, pa.Table.from_pylist([other], schema=table.schema)])

    disordered = Sides(changed(sides.left, 1), changed(sides.right, 2), sides.truth)
    again = decided(ours.decide(disordered, tmp_path / "decide", found))
    assert {pair: told for pair, told in again.items() if pair[0] != "othertelephony"} == pairs


class ShuffledCallers(Workbench):
    """After the weights are learnt, each session gets the caller of the one before it."""

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        if "weight" in self.tables:
            con.execute(
                "update population set caller_token = other.caller_token from ("
                "select side_id, lag(caller_token)"
                " over (partition by account order by started_at, side_id) as caller_token"
                " from population where role = 'right') as other"
                " where population.side_id = other.side_id"
            )
        super().lay_out(con)


class ShiftedClocks(Workbench):
    """After the weights are learnt, one system's times move by ten seconds."""

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        if "weight" in self.tables:
            con.execute(
                "update population set started_at = started_at + ?, ended_at = ended_at + ?"
                " where role = 'right'",
                [timedelta(seconds=10)] * 2,
            )
        super().lay_out(con)


@pytest.mark.parametrize("sabotaged", [ShuffledCallers, ShiftedClocks])
def test_a_sabotaged_matcher_fails_the_gate(
    sides: Sides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sabotaged: type[Workbench]
) -> None:
    monkeypatch.setattr(calibration, "Workbench", sabotaged)
    found = calibration.calibrate(ours.load(sides), tmp_path / "calibrate")
    assert overall(found)["precision_low"] < LEAST
    monkeypatch.undo()
    pairs = ours.decide(sides, tmp_path / "decide", found)
    assert "linked" not in set(pairs["decision"].to_pylist())
