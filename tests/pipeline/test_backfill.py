"""A range of days equals single days in random order, also when two runs start together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.backfill import run_backfill

pytestmark = pytest.mark.xdist_group("backfill")

SEED, DAYS = 20260502, 3


def test_a_range_equals_single_days_and_two_runs_queue(tmp_path: Path) -> None:
    """``make soak`` does thirty days. Here the range is started twice at once: the second waits for
    the first, finds everything done, and publishes nothing of its own."""
    done = run_backfill(tmp_path, DAYS, SEED, together=2)
    assert done.mismatches == []
    first, second = sorted(done.said, key=lambda said: "unchanged:" in said)
    assert "everything anew" in first
    assert "unchanged:" not in first
    assert "unchanged:" in second
    versions = tmp_path / "range" / "data" / "published" / "versions"
    assert len(list(versions.iterdir())) == 1
