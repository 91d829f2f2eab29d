"""``make bench-history``: what one more day costs after two days of history, and after many.

Builds a history of DAYS days of CALLS calls each, as production would, and measures single days
at both ends of it: everything that a day's run does, each stage in a process of its own that calls
what the Dagster assets call (``history_stages``).

- land: the day's drop folders and what the HTTP providers would hand out that day, from the
  simulator's files through the code that lands pulled records (as ``make bench``);
- redact: the objects that have no redacted twin yet;
- build: ``dbt build``, partial, with every data test, without unit tests, and the build's stamp;
- gates: both, over what changed since the published version;
- publish: the call IDs given out, then the next version, which goes on from the one before.

Days 1 and 2 are one run over a range. Days 3, 4 and 5 are measured; the days after them are runs
over ranges of up to 13 days, not measured; the last three days are measured again. Runs of like
days vary, and publication writes its DuckDB file whole on some days (it is told which), so "day 3"
is the median of days 3, 4 and 5, and the last day the median of the last three. Nothing else is
evened out: the simulator makes each day the same size, and what landed and what was recomputed is
printed for each. Late and repeated deliveries are part of it, so a day also brings records of
earlier days. Generating the estate and counting rows (``history_rows``) are part of no time.

Ends with one line of JSON: ``day60_over_day3``, the last day over day 3 as above (also when DAYS
is not 60); ``cpu_over_day3``, the same of processor time, which another load on the machine
changes less; ``day3_seconds``, ``day60_seconds``; ``day3_stages``, ``day60_stages``, the median of
each stage; of the measured days ``records_a_day`` and ``calls_recomputed``; of the last day
``warehouse_mb``, ``version_mb``, ``parquet_linked``, ``parquet_written``; ``days``, ``calls``,
``seed``. With VERIFY=1 also ``equals_full_refresh``: whether the published tables are, by rows and
content hash, what one full refresh makes of everything that landed (exit code 1 if not).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_pipeline import FIRST
from tests.benchmarks.history_report import Day, Version, measured_day, print_rows, summary
from tests.benchmarks.history_stages import ESTATE, STAGES, Size

RANGE_DAYS = 13


class Bench:
    """Runs the stages, each in a process of its own, and keeps what they say."""

    def __init__(self, home: Path, size: Size) -> None:
        from orchestration.demo import demo_environment

        self.home, self.size = home, size
        self.environment = {
            **os.environ,
            **demo_environment(home, home / ESTATE, "http://127.0.0.1:9"),
            "CALLSTORY_MAX_REJECTS": "1000000",
        }
        self.warehouse = home / "data" / "warehouse.duckdb"
        self.published = home / "data" / "published"
        self.counted = home / "counted" / self.warehouse.name

    def stage(self, name: str, numbers: range, warehouse: Path | None = None) -> dict[str, Any]:
        """Run a stage for the days of these numbers; the JSON line that it ends with."""
        days = [str(FIRST + timedelta(days=number - 1)) for number in numbers]
        command = [sys.executable, "-m", "tests.benchmarks.history_stages", name]
        command += ["--home", str(self.home), "--size", json.dumps(asdict(self.size))]
        command += ["--days", *days]
        environment = {"CALLSTORY_WAREHOUSE": str(warehouse or self.warehouse)}
        done = subprocess.run(
            command,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return result

    def run_range(self, numbers: range) -> None:
        """Days that are not measured, as one run."""
        stages = {name: self.stage(name, numbers) for name in STAGES}
        if numbers[0] != 1:
            _check_went_on(numbers[0], stages)
        seconds = sum(told["seconds"] for told in stages.values())
        print(f"days {numbers[0]} to {numbers[-1]} as one run: {seconds:.0f} s", flush=True)

    def measure(self, number: int, *, counting: bool) -> Day:
        """One day as one run; with the rows that its build reads and writes, if asked."""
        one, before = range(number, number + 1), Version.current(self.published)
        stages: dict[str, dict[str, Any]] = {}
        for name in STAGES:
            if name == "build" and counting:
                self._copy_warehouse()
            stages[name] = self.stage(name, one)
        _check_went_on(number, stages)
        after = Version.current(self.published)
        day = measured_day(number, stages, self.warehouse, before, after)
        if counting:
            day.rows = self.stage("count", one, self.counted)["nodes"]
            shutil.rmtree(self.counted.parent)
        return day

    def _copy_warehouse(self) -> None:
        self.counted.parent.mkdir()
        for path in (self.warehouse, self.warehouse.with_name(f"{self.warehouse.name}.work")):
            shutil.copyfile(path, self.counted.parent / path.name)
        # Or the copy's pages are written out while the build is timed.
        os.sync()


def _check_went_on(number: int, stages: dict[str, dict[str, Any]]) -> None:
    """Or the two ends of the history would be measured of different code."""
    if not stages["build"]["partial"] or stages["gates"]["since"] is None:
        raise SystemExit(f"day {number} was built anew: did the code change meanwhile?")


def bench(home: Path, size: Size, *, verified: bool) -> bool:
    """Build and measure the history; false when it should equal a full refresh and does not."""
    history = Bench(home, size)
    print(f"{size.days} days of {size.calls} calls, seed {size.seed}", flush=True)
    made = history.stage("generate", range(1, size.days + 1))
    print(f"generated in {made['seconds']:.0f} s", flush=True)
    history.run_range(range(1, 3))
    early = [history.measure(number, counting=number == 3) for number in range(3, 6)]
    last_three = range(size.days - 2, size.days + 1)
    for start in range(6, last_three[0], RANGE_DAYS):
        history.run_range(range(start, min(start + RANGE_DAYS, last_three[0])))
    late = [history.measure(number, counting=number == size.days) for number in last_three]
    print_rows(early, late)
    line = summary(early, late) | asdict(size)
    equal = True
    if verified:
        told = history.stage(
            "verify", range(1, size.days + 1), home / "verify" / history.warehouse.name
        )
        equal = not told["differing"]
        print(
            f"{told['tables']} published tables against one full refresh: "
            + ("equal" if equal else f"{', '.join(told['differing'])} differ")
        )
        line["equals_full_refresh"] = equal
    print(json.dumps(line))
    return equal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--calls", type=int, default=1000, help="calls a day")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--verify", type=int, choices=(0, 1), default=0)
    parser.add_argument("--home", type=Path, help="work here and keep it")
    options = parser.parse_args()
    if options.days < 8:
        parser.error("--days: at least 8, or the days at the two ends are the same")
    with contextlib.ExitStack() as stack:
        home = options.home or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="callstory-history-"))
        )
        size = Size(options.days, options.calls, options.seed)
        return 0 if bench(home.resolve(), size, verified=bool(options.verify)) else 1


if __name__ == "__main__":
    sys.exit(main())
