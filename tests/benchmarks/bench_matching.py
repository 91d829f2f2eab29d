"""``make bench-matching``: the matcher against joins by time, a rule and Splink.

The estate is ``tests.matching.estate``: CALLS calls a day for DAYS days. Ours is given all sides
and the keys of the keyed calls (2 %); the baselines the sides that no key ties, as to them keys
mean nothing. Scored are, for all, the pairs that no key ties. Splink is scored at the threshold
that is best for it by the truth, which favours it: it has no way to know that.

Each method is a process of its own: seconds are wall time from the Parquet files of the sides to
the pairs, without start-up and imports, peak is that process's (its children's, if higher) in MB.

Ends with one line of JSON: per method ``precision``, ``recall``, ``f1``, ``abstained`` (share of
the true pairs that got no partner), ``seconds``, ``peak_mb``; for each other method ``vs_<method>``
with our ``f1``, ``seconds`` and ``peak_mb`` over its; ``calls``, ``days``, ``seed``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.matching_baselines import BASELINES
from tests.matching import ours, scoring
from tests.matching.estate import generate
from tests.matching.sides import Sides

METHODS = (*BASELINES, "ours")
COLUMNS = ("precision", "recall", "f1", "abstained", "seconds", "peak_mb")
# Imported before the clock runs.
LIBRARIES = {
    "merge_asof": ["pandas"],
    "splink": ["splink", "splink.comparison_library"],
    "ours": ["orchestration.matching"],
}


def write_sides(home: Path, sides: Sides) -> None:
    for name, table in vars(sides).items():
        pq.write_table(table, home / f"{name}.parquet")


def read_sides(home: Path) -> Sides:
    names = ("left", "right", "truth")
    return Sides(*(pq.read_table(home / f"{name}.parquet") for name in names))


def run_method(home: Path, method: str) -> dict[str, float]:
    """Match what lies in ``home`` and leave ``<method>.parquet`` there."""
    for library in LIBRARIES.get(method, []):
        importlib.import_module(library)
    started = time.perf_counter()
    if method == "ours":
        pairs = ours.match(read_sides(home / "all"), home / "work")
    else:
        sides = read_sides(home / "unkeyed")
        pairs = BASELINES[method](sides.left, sides.right)
    seconds = time.perf_counter() - started
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak_mb = max(resource.getrusage(who).ru_maxrss for who in usages) / 1024
    pq.write_table(pairs, home / f"{method}.parquet")
    return {"seconds": round(seconds, 2), "peak_mb": round(peak_mb)}


def score_method(home: Path, method: str, truth: pa.Table) -> dict[str, float]:
    pairs = pq.read_table(home / f"{method}.parquet")
    if method == "ours":
        return scoring.score(ours.accepted(pairs), truth).rounded()
    if method != "splink":
        return scoring.score(pairs, truth).rounded()
    threshold = scoring.best_threshold(pairs, truth)
    scores = scoring.score(pairs, truth, at_least=threshold).rounded()
    return {**scores, "threshold": round(threshold, 4)}


def in_own_process(home: Path, method: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_matching", "--stage", method]
    command += ["--home", str(home)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def ratios(figures: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Ours over each other method's."""
    return {
        f"vs_{method}": {
            key: round(figures["ours"][key] / theirs[key], 3)
            for key in ("f1", "seconds", "peak_mb")
            if theirs[key]
        }
        for method, theirs in figures.items()
        if method != "ours" and "ours" in figures
    }


def bench(calls: int, days: int, seed: int, methods: list[str]) -> None:
    print(f"{calls:,} calls a day, {days} days, seed {seed}", flush=True)
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="callstory-bench-") as folder:
        home = Path(folder)
        for name in ("all", "unkeyed", "work"):
            (home / name).mkdir()
        sides = generate(seed, calls, days).sides
        write_sides(home / "all", sides)
        write_sides(home / "unkeyed", scoring.unkeyed(sides))
        truth = sides.truth
        del sides
        print(f"{'':<12}" + "".join(f"{column:>11}" for column in COLUMNS))
        for method in methods:
            used = in_own_process(home, method)
            figures[method] = {**score_method(home, method, truth), **used}
            row = "".join(f"{figures[method][column]:>11,}" for column in COLUMNS)
            print(f"{method:<12}{row}", flush=True)
    size: dict[str, Any] = {"calls": calls, "days": days, "seed": seed}
    print(json.dumps({**figures, **ratios(figures), **size}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--methods", default=",".join(METHODS), help="of " + ", ".join(METHODS))
    parser.add_argument("--stage", choices=METHODS)
    parser.add_argument("--home", type=Path, help="where a stage works")
    options = parser.parse_args()
    if options.stage:
        print(json.dumps(run_method(options.home, options.stage)))
    else:
        bench(options.calls, options.days, options.seed, options.methods.split(","))
