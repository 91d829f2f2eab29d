"""Days run one by one in random order, against the same days as one run of a range.

Canonical IDs depend on which record of a call landed first, so the two can only be compared over
equal landing times. The single days therefore land for real, each in its run; the range then runs
in an installation that has nothing but that landing zone: its pulls find every record there
already, and it redacts, builds, gates and publishes all days at once. That a range lands the same
records as single days do is shown beside it, in a landing zone of its own, where only times differ.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from subprocess import CompletedProcess

from ingest.settings import Settings
from tests.harness import FIRST, PipelineRun, new_run, write_dagster_home
from tests.pipeline.reference import landed_at_once, landed_records, published_hashes

CALLS_A_DAY = 10


@dataclass
class Backfill:
    """What was compared. ``mismatches`` should be empty."""

    days: int
    seed: int
    mismatches: list[str] = field(default_factory=list)

    def took(self, result: CompletedProcess[str], what: str) -> None:
        """A run that fails is a mismatch too."""
        if result.returncode != 0:
            self.mismatches.append(f"{what} failed:\n{result.stdout[-2000:]}{result.stderr[-500:]}")


def run_backfill(home: Path, days: int, seed: int, together: int = 2) -> Backfill:
    """Run ``days`` days singly in random order, then as a range, and compare.

    Args:
        home: an empty folder.
        days: how many.
        seed: decides the estate and the order.
        together: how many runs of the range are started at once; all but one find its work done.
    """
    rng, done = Random(seed), Backfill(days, seed)
    estate = rng.randrange(2**31)
    run = new_run(home, calls=CALLS_A_DAY, seed=estate, profile="faulty", days=days)
    order = [FIRST + timedelta(days=n) for n in range(days)]
    rng.shuffle(order)
    print(f"backfill: days={days} seed={seed} order={[str(day) for day in order]}", flush=True)
    for day in order:
        if not done.mismatches:
            done.took(run.run(day, day), f"the run of {day}")
    if not done.mismatches:
        _compare(run, _run_range(run, days, together, done), days, done)
    return done


def _run_range(run: PipelineRun, days: int, together: int, done: Backfill) -> PipelineRun:
    """The range in an installation of its own, over the landing zone of the single days."""
    home = run.home / "range"
    other = {
        "CALLSTORY_DATA": str(home / "data"),
        "CALLSTORY_LANDING": run.settings.landing,
        "DAGSTER_HOME": str(write_dagster_home(home / "dagster")),
    }
    range_run = replace(run, home=home, environment={**run.environment, **other})
    last = FIRST + timedelta(days=days - 1)
    with ThreadPoolExecutor(together) as pool:
        results = list(pool.map(lambda _: range_run.run(FIRST, last), range(together)))
    for result in results:
        done.took(result, f"the run of {FIRST} to {last}")
    # Runs that start together queue: one builds, the others find its work done.
    built = sum("everything anew" in result.stdout for result in results)
    found = sum("unchanged:" in result.stdout for result in results)
    if not done.mismatches and (built, found) != (1, together - 1):
        done.mismatches.append(f"of {together} runs {built} built and {found} found it done")
    return range_run


def _compare(run: PipelineRun, range_run: PipelineRun, days: int, done: Backfill) -> None:
    if done.mismatches:
        return
    singly, at_once = (published_hashes(one.manifest()) for one in (run, range_run))
    done.mismatches += [
        f"{table} differs between single days and the range"
        for table in sorted(singly.keys() | at_once.keys())
        if singly.get(table) != at_once.get(table)
    ]
    landed = landed_records(run.settings.landing)
    with run.providers() as environment:
        settings = Settings.from_env(environment)
        every_day = [FIRST + timedelta(days=n) for n in range(days)]
        if landed_at_once(settings, every_day, run.home / "landed_at_once") != landed:
            done.mismatches.append("a range lands other records than single days")
