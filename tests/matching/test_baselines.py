"""Baselines find what is plain, and are as bad in a crowd as ALGORITHMS.md measured them."""

from __future__ import annotations

import pytest

from tests.benchmarks.matching_baselines import BASELINES
from tests.matching.estate import Profile, generate
from tests.matching.scoring import score, unkeyed
from tests.matching.sides import Sides

SEED = 5
JOINS = [name for name in BASELINES if name != "splink"]
# One account with these is as crowded as the accounts of 200,000 calls a day are on average.
CROWD = Profile(account_shares=(1.0,))
QUIET = Profile(skew_s=0, drift_s_per_day=0, burst=0, redial=0, transfer=0, token_different=0)


@pytest.fixture(scope="module")
def crowd() -> Sides:
    print(f"seed {SEED}")
    return unkeyed(generate(SEED, 31_000, 1, CROWD).sides)


@pytest.mark.parametrize(
    ("method", "precision", "recall"),
    [("asof", 0.40, 0.42), ("merge_asof", 0.37, 0.41), ("asof_token", 0.90, 0.57),
     ("window_rule", 0.97, 0.835)],
)  # fmt: skip
def test_as_hard_as_it_was_by_hand(
    crowd: Sides, method: str, precision: float, recall: float
) -> None:
    """The figures of ALGORITHMS.md, "Matching without keys", within 0.08."""
    found = score(BASELINES[method](crowd.left, crowd.right), crowd.truth)
    assert found.precision == pytest.approx(precision, abs=0.08)
    assert found.recall == pytest.approx(recall, abs=0.08)


@pytest.mark.parametrize("method", JOINS)
def test_finds_what_is_plain(method: str) -> None:
    sides = unkeyed(generate(SEED, 200, 1, QUIET).sides)
    pairs = BASELINES[method](sides.left, sides.right)
    found = score(pairs, sides.truth)
    assert found.precision > 0.85
    assert found.recall > 0.5
    assert len(set(pairs["left_side_id"].to_pylist())) == len(pairs)
