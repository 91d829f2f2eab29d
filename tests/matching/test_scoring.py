"""Scores on cases small enough to be counted by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.matching.scoring import PAIR_SCHEMA, best_threshold, deciles, score
from tests.matching.sides import TRUTH_SCHEMA

# l0-r0 is keyed; l1 to l4 are to be found.
TRUTH = pa.table(
    [[f"l{n}" for n in range(5)], [f"r{n}" for n in range(5)], [True] + [False] * 4],
    schema=TRUTH_SCHEMA,
)


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=PAIR_SCHEMA)


FOUND = pairs(
    ("l0", "r0", 1.0),  # keyed: not scored
    ("l1", "r1", 0.95),
    ("l2", "r2", 0.9),
    ("l3", "r9", 0.4),  # a session without a counterpart
    ("l8", "r0", 0.3),  # its right is keyed: not scored
)


def test_score_counts_what_no_key_ties() -> None:
    found = score(FOUND, TRUTH)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 4)
    assert found.f1 == pytest.approx(4 / 7)
    assert found.abstained == pytest.approx(1 / 4)  # l4 only


def test_score_above_a_threshold() -> None:
    found = score(FOUND, TRUTH, at_least=0.9)
    assert (found.precision, found.recall, found.abstained) == (1.0, 0.5, 0.5)


def test_nothing_found_is_not_an_error() -> None:
    found = score(FOUND.slice(0, 0), TRUTH)
    assert (found.precision, found.recall, found.f1, found.abstained) == (0.0, 0.0, 0.0, 1.0)


def test_best_threshold_is_where_f1_is_highest() -> None:
    assert best_threshold(FOUND, TRUTH) == 0.9


def test_deciles_hold_confidence_against_truth() -> None:
    tenths = deciles(FOUND, TRUTH)
    assert [(t.from_confidence, t.pairs, t.true) for t in tenths] == [(0.4, 1, 0.0), (0.9, 2, 1.0)]
    assert tenths[1].confidence == pytest.approx(0.925)
