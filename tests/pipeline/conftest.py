"""One small installation that has run its first day, to be copied by tests that spoil the next."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.demo import demo_environment
from tests.harness import FIRST, PipelineRun, new_run

SECOND = FIRST + timedelta(days=1)


@dataclass(frozen=True)
class FirstDay:
    """An installation after ``callstory run`` for its first day, and what that run printed.

    ``run`` is a copy of it to look at; the run itself was made in ``place``.
    """

    run: PipelineRun
    said: str
    place: PipelineRun

    def copy(self, home: Path) -> PipelineRun:
        """The same installation elsewhere; the estate, which nothing writes to, is shared."""
        return _copied(self.run, home)

    def again(self) -> PipelineRun:
        """The same where the run was made, in place of whoever asked before.

        dbt need not parse its project anew there, as it must for every other path.
        """
        shutil.rmtree(self.place.home / "data")
        return _copied(self.run, self.place.home)


def _copied(run: PipelineRun, home: Path) -> PipelineRun:
    shutil.copytree(run.home / "data", home / "data", symlinks=True)
    places = demo_environment(home, run.estate, "http://127.0.0.1:9")
    return replace(run, home=home, environment={**run.environment, **places})


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    """Fifteen calls a day with every fault, one of two days run."""
    run = new_run(tmp_path_factory.mktemp("first_day"), calls=15, seed=31, profile="faulty")
    result = run.run(FIRST, FIRST)
    assert result.returncode == 0, result.stdout + result.stderr
    kept = _copied(run, tmp_path_factory.mktemp("first_day_kept"))
    return FirstDay(kept, result.stdout, run)


def seen_by_readers(run: PipelineRun) -> tuple[str, dict]:
    """What the pointer names, and that version's manifest."""
    return str(run.published.parent.resolve()), run.manifest()
