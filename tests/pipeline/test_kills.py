"""A run that is killed is continued by the next one, and readers notice nothing (promise 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.kills import PHASES, run_kills

pytestmark = pytest.mark.xdist_group("kills")

SEED = 20260501


def test_killed_runs_end_as_an_undisturbed_one(tmp_path: Path) -> None:
    """Seven kills over a whole build and a partial one; ``make soak`` does fifty."""
    done = run_kills(tmp_path, kills=len(PHASES), seed=SEED)
    assert done.mismatches == []
    assert done.reader_errors == []
    assert (done.kills, done.completed) == (len(PHASES), 2)
    assert len(done.by_phase) >= 5, done.by_phase
    assert done.reader_reads >= 20
