"""The stages of ``bench_history``: each is a process of its own, and ends with one line of JSON.

They call what the Dagster assets call, with the same arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import bench_pipeline

STAGES = ("land", "redact", "build", "gates", "publish")
ESTATE = "estate"


@dataclass(frozen=True)
class Size:
    """How large a history is built."""

    days: int
    calls: int
    seed: int


def generate(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    from tests.benchmarks.history_estate import generate_days

    generate_days(home / ESTATE, calls=size.calls, days=len(days), first=days[0], seed=size.seed)
    return {}


def land(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    from ingest.settings import Settings
    from tests.benchmarks.history_estate import land_days

    return land_days(Settings.from_env(), home / ESTATE, days)


def redact(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    return bench_pipeline.redact(home, size.calls)


def build(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    from ingest.settings import Settings
    from orchestration import build as builds
    from orchestration.assets.warehouse import build_command

    settings = Settings.from_env()
    folder = builds.redacted_dir(settings)
    build_id, content = builds.build_id(settings, folder), builds.context_id(settings, folder)
    partial = builds.prepare(settings.warehouse, content)
    dbt([str(Path(sys.executable).parent / "dbt")], build_command(partial=partial), home / "target")
    window = f"{days[0]}..{days[-1]}"
    builds.stamp(settings.warehouse, builds.Stamp(build_id, window, content))
    return {"partial": partial}


def dbt(program: list[str], arguments: list[str], target: Path) -> None:
    """Run dbt as the warehouse asset does; what it says is shown when it fails."""
    from ingest.settings import Settings
    from orchestration.assets.warehouse import dbt_environment
    from orchestration.resources import DBT_DIR, ROOT

    done = subprocess.run(
        [*program, *arguments, "--project-dir", str(DBT_DIR),
         "--target-path", str(target), "--log-path", str(target)],
        cwd=ROOT, env={**os.environ, **dbt_environment(Settings.from_env())},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"dbt failed:\n{done.stdout[-4000:]}")


def gates(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    from expectations.gates import run_gates
    from expectations.limits import limits
    from expectations.rules import rules
    from ingest.settings import Settings
    from orchestration.build import read_stamp
    from serve.changes import changes_since
    from serve.zone import open_zone

    settings = Settings.from_env()
    build_name = read_stamp(settings.warehouse)
    zone = open_zone(settings.published, settings.s3_endpoint_url)
    held = limits(datetime.now(UTC).date())
    base = changes_since(settings.warehouse, zone, rules(held))
    since = base.sequence if base else None
    folder = settings.data_dir / "gates"
    run_gates(settings.warehouse, build_name, folder, limits=held, since=since)
    return {"since": since}


def publish(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    from ingest.settings import Settings
    from orchestration.build import keep_call_ids, read_stamp
    from serve.changes import changes_since
    from serve.zone import open_zone

    settings = Settings.from_env()
    zone = open_zone(settings.published, settings.s3_endpoint_url)
    base = changes_since(settings.warehouse, zone)
    build_name = read_stamp(settings.warehouse)
    keep_call_ids(settings, build_name, base.sequence if base else None)
    bench_pipeline.publish(home, size.calls)
    return {}


def count(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    """The day's build again on the copy of the warehouse in ``counted``."""
    from orchestration.assets.warehouse import build_command

    counted = home / "counted"
    program = [sys.executable, "-m", "tests.benchmarks.history_rows", str(counted / "rows.json")]
    dbt(program, build_command(partial=True), counted / "target")
    nodes: dict[str, Any] = json.loads((counted / "rows.json").read_text())
    return {"nodes": nodes}


def verify(home: Path, days: Sequence[date], size: Size) -> dict[str, Any]:
    """A full refresh in a warehouse of its own against what readers see."""
    from ingest.settings import Settings
    from orchestration.assets.warehouse import build_command
    from tests.incremental.deliveries import table_hashes

    settings = Settings.from_env()
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    program = [str(Path(sys.executable).parent / "dbt")]
    dbt(program, build_command(partial=False), home / "target")
    published = Path(settings.published) / "current" / "callstory.duckdb"
    refreshed, seen = table_hashes(settings.warehouse), table_hashes(published, "main")
    differing = sorted(
        name for name in {*refreshed, *seen} if refreshed.get(name) != seen.get(name)
    )
    return {"differing": differing, "tables": len(seen)}


def run_stage(name: str, home: Path, days: Sequence[date], size: Size) -> None:
    work: Callable[[Path, Sequence[date], Size], dict[str, Any]] = globals()[name]
    started = time.perf_counter()
    said = work(home, days, size)
    seconds = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
    print(json.dumps({"seconds": round(seconds, 2), "cpu": round(cpu, 2), **said}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("generate", *STAGES, "count", "verify"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--days", type=date.fromisoformat, nargs="+", required=True)
    parser.add_argument("--size", type=json.loads, required=True)
    options = parser.parse_args()
    run_stage(options.stage, options.home, options.days, Size(**options.size))
