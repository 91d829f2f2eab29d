"""A run that is killed is continued by the next one, and readers notice nothing (promise 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.incremental.runner import DbtBuilds
from tests.pipeline.kills import run_kills

pytestmark = pytest.mark.xdist_group("kills")

SEED, KILLS = 20260501, 3


def test_killed_runs_end_as_an_undisturbed_one(dbt: DbtBuilds, tmp_path: Path) -> None:
    """Three kills, each in another phase; ``make soak`` does fifty, over all phases."""
    done = run_kills(tmp_path, kills=KILLS, seed=SEED, dbt=dbt)
    assert done.mismatches == []
    assert done.reader_errors == []
    assert done.kills == KILLS
    assert done.completed >= 1
    assert done.reader_reads >= 1
