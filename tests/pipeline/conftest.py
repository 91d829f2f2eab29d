"""One small installation that has run its first day, to be copied by tests that spoil the next."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.landing import land_stream
from ingest.redaction import redact_stream
from ingest.registry import all_streams
from ingest.settings import Settings
from orchestration.demo import demo_environment
from tests.harness import FIRST, PipelineRun, new_run

SECOND = FIRST + timedelta(days=1)


@dataclass(frozen=True)
class FirstDay:
    """An installation after ``callstory run`` for its first day, and what that run printed."""

    run: PipelineRun
    said: str

    def copy(self, home: Path) -> PipelineRun:
        """The same installation elsewhere; the estate, which nothing writes to, is shared."""
        shutil.copytree(self.run.home / "data", home / "data", symlinks=True)
        places = demo_environment(home, self.run.estate, "http://127.0.0.1:9")
        return replace(self.run, home=home, environment={**self.run.environment, **places})


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    """Fifteen calls a day with every fault, one of two days run."""
    run = new_run(tmp_path_factory.mktemp("first_day"), calls=15, seed=31, profile="faulty")
    result = run.run(FIRST, FIRST)
    assert result.returncode == 0, result.stdout + result.stderr
    return FirstDay(run, result.stdout)


def land(run: PipelineRun, day: date) -> Settings:
    """Land a day as a run's first steps would, and no more; the settings that it was done with."""
    with run.providers() as environment:
        settings = Settings.from_env(environment)
        for stream in all_streams():
            land_stream(settings, stream, [day])
    return settings


def land_and_redact(run: PipelineRun, day: date) -> Settings:
    """The same, and the redaction step after it."""
    settings = land(run, day)
    for stream in all_streams():
        redact_stream(settings, stream, workers=1)
    return settings


def seen_by_readers(run: PipelineRun) -> tuple[str, dict]:
    """What the pointer names, and that version's manifest."""
    return str(run.published.parent.resolve()), run.manifest()
