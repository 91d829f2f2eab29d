"""``make bench``: one simulated day through the pipeline, with a floor measured in the same run.

Each stage is a process of its own, so its peak memory is its own (MB, of the largest process it
started). The floor is DuckDB parsing every landing object once, all columns, and keeping nothing.
The HTTP side is landed from the simulator's files through the same code that lands pulled records:
the time of a stand-in server on the same two cores would be measured otherwise.

Ends with one line of JSON: ``seconds``, ``peak_mb`` (largest stage), ``records``, ``mb`` (landed,
uncompressed), ``redaction_seconds``, ``ratio_to_parse`` (everything but redaction over the floor),
``gates_share`` (gates over build, gates and publication).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

FIRST = date(2026, 5, 1)
STAGES = ("generate", "land", "redact", "build", "gates", "publish", "floor")


def generate(home: Path, calls: int) -> dict[str, float]:
    from ingest.simulator import generate as generate_estate

    generate_estate(home / "estate", calls=calls, days=1, start=FIRST, seed=7, profile="faulty")
    return {}


def land(home: Path, calls: int) -> dict[str, float]:
    del home, calls
    from ingest.landing import land_stream
    from ingest.registry import all_streams
    from ingest.settings import Settings
    from tests.landed import land_items

    settings, estate = Settings.from_env(), Path(os.environ["BENCH_ESTATE"])
    records = size = 0
    for stream in all_streams():
        if stream.kind == "http":
            path = estate / "http" / stream.provider / f"{stream.name}.jsonl"
            with path.open("rb") as lines:
                landed = land_items(settings, stream, (line.rstrip(b"\n") for line in lines))
            counts = (landed.records_landed, landed.bytes)
        else:
            outcome = land_stream(settings, stream, [FIRST])
            counts = (outcome.records_landed, outcome.bytes)
        records, size = records + counts[0], size + counts[1]
    return {"records": records, "mb": size / 1e6}


def redact(home: Path, calls: int) -> dict[str, float]:
    del home, calls
    from ingest.redaction import redact_stream
    from ingest.registry import all_streams
    from ingest.settings import Settings

    settings = Settings.from_env()
    return {"rows": sum(redact_stream(settings, stream).rows for stream in all_streams())}


def build(home: Path, calls: int) -> dict[str, float]:
    del home, calls
    from ingest.settings import Settings
    from orchestration.assets.warehouse import build_command, dbt_environment
    from orchestration.build import Stamp, build_id, context_id, prepare, redacted_dir, stamp
    from orchestration.resources import DBT_DIR

    settings = Settings.from_env()
    folder = redacted_dir(settings)
    context = context_id(settings, folder)
    partial = prepare(settings.warehouse, context)
    subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            *build_command(partial=partial),
            "--target-path",
            str(settings.data_dir / "target"),
        ],
        cwd=DBT_DIR,
        env={**os.environ, **dbt_environment(settings)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    stamp(settings.warehouse, Stamp(build_id(settings, folder), str(FIRST), context))
    return {}


def gates(home: Path, calls: int) -> dict[str, float]:
    del home, calls
    from expectations.gates import run_gates
    from expectations.limits import limits
    from ingest.settings import Settings
    from orchestration.build import read_stamp

    settings = Settings.from_env()
    build_name = read_stamp(settings.warehouse)
    report = run_gates(
        settings.warehouse,
        build_name,
        settings.data_dir / "gates",
        limits=limits(datetime.now(UTC).date()),
    )
    return {"passed": float(report.passed)}


def publish(home: Path, calls: int) -> dict[str, float]:
    del home, calls
    from ingest.settings import Settings
    from orchestration.build import read_stamp
    from serve.publish import publish as publish_build

    settings = Settings.from_env()
    build_name = read_stamp(settings.warehouse)
    report = json.loads((settings.data_dir / "gates" / f"{build_name}.json").read_text())
    publish_build(
        settings.warehouse, settings.published, build_name, report, settings.keep_versions
    )
    return {}


def floor(home: Path, calls: int) -> dict[str, float]:
    """DuckDB reads and types every field of every landing object; only a count leaves the query."""
    del home, calls
    import duckdb

    from ingest.registry import all_streams
    from ingest.settings import Settings

    landing, parsed = Path(Settings.from_env().landing), 0
    connection = duckdb.connect()
    for stream in all_streams():
        glob = str(landing / stream.provider / stream.name / "dt=*" / "*.jsonl.zst")
        row = connection.execute(
            "select count(*), count(columns(*)) from read_json(?,"
            " format='newline_delimited', maximum_object_size=16777216, union_by_name=true)",
            [glob],
        ).fetchone()
        parsed += int(row[0]) if row else 0
    return {"records": parsed}


def run_stage(name: str, home: Path, calls: int, environment: dict[str, str]) -> dict[str, float]:
    """Run one stage in a process of its own and read the JSON line it ends with."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.bench_pipeline",
        "--stage",
        name,
        "--home",
        str(home),
        "--calls",
        str(calls),
    ]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    extra = "  ".join(f"{k} {v:,.0f}" for k, v in result.items() if k not in ("seconds", "peak_mb"))
    print(f"{name:<10} {result['seconds']:8.1f} s {result['peak_mb']:8.0f} MB  {extra}", flush=True)
    return result


def stage(name: str, home: Path, calls: int) -> None:
    work: Callable[[Path, int], dict[str, float]] = globals()[name]
    started = time.perf_counter()
    figures = work(home, calls)
    seconds = time.perf_counter() - started
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak / 1024), **figures}))


def bench(calls: int, kept: Path | None) -> None:
    from orchestration.demo import demo_environment

    with contextlib.ExitStack() as stack:
        home = kept or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="callstory-bench-"))
        )
        estate = home / "estate"
        environment = {
            **os.environ,
            **demo_environment(home, estate, "http://127.0.0.1:9"),
            "BENCH_ESTATE": str(estate),
            "CALLSTORY_MAX_REJECTS": "1000000",
        }
        results = {name: run_stage(name, home, calls, environment) for name in STAGES}
    work = {n: r["seconds"] for n, r in results.items() if n not in ("generate", "floor")}
    mine = sum(seconds for name, seconds in work.items() if name != "redact")
    land_result, parse = results["land"], results["floor"]["seconds"]
    print(
        f"{land_result['records'] / work['land']:,.0f} records/s landed, "
        f"{land_result['mb'] / sum(work.values()):.1f} MB/s through everything"
    )
    print(
        json.dumps(
            {
                "seconds": round(sum(work.values()), 1),
                "peak_mb": max(results[name]["peak_mb"] for name in work),
                "records": int(land_result["records"]),
                "mb": round(land_result["mb"], 1),
                "redaction_seconds": work["redact"],
                "parse_seconds": parse,
                "ratio_to_parse": round(mine / parse, 2),
                "gates_share": round(
                    work["gates"] / (work["build"] + work["gates"] + work["publish"]), 3
                ),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--stage", choices=STAGES)
    parser.add_argument("--home", type=Path, help="work here and keep it")
    options = parser.parse_args()
    if options.stage:
        stage(options.stage, options.home, options.calls)
    else:
        bench(options.calls, options.home)
