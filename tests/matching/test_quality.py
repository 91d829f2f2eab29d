"""The scale of confidence, and the intervals that the gate goes by."""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.matching.quality import scaled, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_intervals(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_proves_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def confidence(terms: tuple[float, float], belief: float) -> float:
    return float(1 / (1 + np.exp(-(terms[0] + terms[1] * np.log(belief / (1 - belief))))))


def test_beliefs_that_are_too_sure_are_scaled_to_what_came_true() -> None:
    print("seed 3")
    rng = np.random.default_rng(3)
    belief = rng.random(20_000)
    odds = belief / (1 - belief)
    worth = odds**0.5 / 3 / (1 + odds**0.5 / 3)
    scale = scaled(belief, (rng.random(20_000) < worth).astype(float))
    for at in (0.1, 0.3, 0.5, 0.7, 0.9):
        true = (at / (1 - at)) ** 0.5 / 3
        assert confidence(scale, at) == pytest.approx(true / (1 + true), abs=0.02)


def test_beliefs_that_all_came_true_become_no_certainty() -> None:
    scale = scaled(np.full(200, 0.9), np.ones(200))
    assert 0.9 < confidence(scale, 0.9) < 0.9999
