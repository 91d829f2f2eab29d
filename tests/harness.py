"""Runs the real pipeline for tests: a simulated estate, HTTP on loopback, ``callstory run``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.gates import run_gates
from expectations.limits import limits
from expectations.report import GateReport
from ingest.landing import land_stream
from ingest.redaction import redact_stream
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.simulator import generate
from ingest.simulator.server import SimulatorServer
from orchestration.assets.warehouse import dbt_environment
from orchestration.build import call_ids_dir, redacted_dir
from orchestration.demo import demo_environment

if TYPE_CHECKING:
    from tests.incremental.runner import DbtBuilds

ROOT = Path(__file__).resolve().parent.parent
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 2)


@dataclass(frozen=True)
class PipelineRun:
    """One estate and everything the pipeline built from it."""

    home: Path
    estate: Path
    environment: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environment)

    @property
    def published(self) -> Path:
        return Path(self.settings.published) / "current" / "callstory.duckdb"

    def manifest(self) -> dict:
        return json.loads((self.published.parent / "manifest.json").read_text())

    def truth(self, name: str) -> list[dict]:
        path = self.estate / "truth" / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def run(
        self, first: date = FIRST, last: date = LAST, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """``callstory run`` as a user types it, with the estate's providers up."""
        with self.providers() as environment:
            return subprocess.run(
                command(first, last),
                cwd=ROOT,
                env={**os.environ, **environment, **extra},
                capture_output=True,
                text=True,
                timeout=900,
                check=False,
            )

    @contextmanager
    def providers(self) -> Iterator[dict[str, str]]:
        """The environment with the URLs of a freshly started simulator server."""
        with SimulatorServer(self.estate / "http") as server:
            yield {**self.environment, **_urls(server.url)}


def command(first: date, last: date) -> list[str]:
    """``callstory run`` by this Python."""
    return [sys.executable, "-m", "serve.cli", "run", "--from", str(first), "--to", str(last)]


def _urls(url: str) -> dict[str, str]:
    names = ("TWILIO_API_URL", "TWILIO_INSIGHTS_URL", "ZENDESK_URL")
    return {f"CALLSTORY_{name}": url for name in names}


def new_run(
    home: Path, *, calls: int, seed: int, profile: str = "clean", days: int = 2
) -> PipelineRun:
    """Generate an estate under ``home``; nothing has run yet. ``calls`` are those of a day."""
    estate = home / "estate"
    generate(estate, calls=calls, days=days, start=FIRST, seed=seed, profile=profile)
    print(f"estate: calls={calls} days={days} seed={seed} profile={profile}")
    environment = demo_environment(home, estate, "http://127.0.0.1:9")
    return PipelineRun(
        home, estate, {**environment, "DAGSTER_HOME": str(write_dagster_home(home / "dagster"))}
    )


def write_dagster_home(folder: Path) -> Path:
    """A home of Dagster's with the project's own configuration, but for its place."""
    folder.mkdir(parents=True, exist_ok=True)
    config = (ROOT / "dagster.yaml").read_text().replace(".dagster/", f"{folder}/")
    (folder / "dagster.yaml").write_text(config)
    return folder


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


def built_and_gated(run: PipelineRun, dbt: DbtBuilds) -> GateReport:
    """Both days landed, redacted, built with every data test, and what the gates say of them."""
    for day in (FIRST, LAST):
        settings = land_and_redact(run, day)
    dbt.over(redacted_dir(settings), call_ids_dir(settings), dbt_environment(settings))
    dbt.build(warehouse=settings.warehouse, without=("unit_test",))
    held = limits(datetime.now(UTC).date())
    return run_gates(settings.warehouse, "faulty", run.home / "gates", limits=held)
