"""The scale of confidence, and the intervals that the gate goes by."""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.matching.quality import isotonic, wilson


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


def confidence(scale: list[dict[str, float]], belief: float) -> float:
    (step,) = [step for step in scale if step["raw_from"] <= belief < step["raw_to"]]
    return step["confidence"]


def test_beliefs_that_are_too_sure_are_scaled_to_what_came_true() -> None:
    print("seed 3")
    rng = np.random.default_rng(3)
    belief = np.sort(rng.random(20_000))
    truth = (rng.random(20_000) < belief**2).astype(float)
    scale = isotonic(belief, truth)
    for at in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert confidence(scale, at) == pytest.approx(at**2, abs=0.06)
    steps = [step["confidence"] for step in scale]
    assert steps == sorted(steps)
    assert [step["raw_to"] for step in scale[:-1]] == [step["raw_from"] for step in scale[1:]]
    assert (scale[0]["raw_from"], scale[-1]["raw_to"]) == (0.0, 2.0)


def test_no_belief_becomes_certainty() -> None:
    scale = isotonic(np.full(100, 0.9), np.ones(100))
    assert confidence(scale, 0.9) == pytest.approx(0.995)
