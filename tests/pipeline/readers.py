"""Processes that open the published zone again and again while runs are killed.

``python -m tests.pipeline.readers ZONE STOP`` reads until the file STOP is there and prints one
JSON line: how many reads, how many versions, what was wrong.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ingest.settings import Places
from serve.published import NothingPublishedError, Snapshot, open_snapshot
from serve.sql import quoted
from serve.tables import REQUIRED, Table, sums, told
from serve.zone import CURRENT, PARQUET, VERSIONS

ROOT = Path(__file__).resolve().parents[2]
PAUSE_S = 0.7
_ORPHANS = """
select count(*) from {table} where canonical_call_id is not null
    and canonical_call_id not in (select canonical_call_id from call_record)
"""


def wrongs(snapshot: Snapshot, zone: Path, *, whole: bool) -> list[str]:
    """What a reader must never see; with ``whole`` every row is hashed, also the Parquet files'."""
    manifest, found = snapshot.manifest, []
    build = manifest["build_id"]
    if manifest["gates"].get("passed") is not True:
        found.append(f"{build}: its gates have not passed")
    if missing := set(REQUIRED) - set(manifest["tables"]):
        found.append(f"{build}: no tables {sorted(missing)}")
    for name, entry in manifest["tables"].items():
        count = snapshot.count(f"select count(*) from {quoted(name)}")
        if count != entry["rows"]:
            found.append(f"{build}: {count} rows in {name}, the manifest says {entry['rows']}")
    for table in ("call_event", "call_turn"):
        orphans = snapshot.count(_ORPHANS.format(table=table))
        found += [f"{build}: {orphans} rows of {table} are of no call_record"] if orphans else []
    return found + (_torn(snapshot.connection, manifest, zone) if whole else [])


def _torn(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any], zone: Path) -> list[str]:
    found, folder = [], zone / VERSIONS / manifest["build_id"] / PARQUET
    for name, entry in manifest["tables"].items():
        table = Table(name, tuple(zip(entry["columns"], entry["types"], strict=True)))
        if told(table, sums(connection, quoted(name)))["content_hash"] != entry["content_hash"]:
            found.append(f"{manifest['build_id']}: {name} is not what the manifest's hash says")
        files = f"read_parquet('{folder / name}/**/*.parquet')"
        row = connection.execute(f"select count(*) from {files}").fetchone()
        if row != (entry["rows"],):
            found.append(f"{manifest['build_id']}: {row} rows in the Parquet files of {name}")
    return found


def read_on(zone: Path, stop: Path) -> dict[str, Any]:
    """Read until ``stop`` is there or whoever started this process is gone."""
    reads, errors, seen, parent = 0, [], set(), os.getppid()
    while not stop.exists() and os.getppid() == parent:
        published = (zone / CURRENT).is_symlink()
        try:
            with open_snapshot(Places(str(zone), zone)) as snapshot:
                build = snapshot.manifest["build_id"]
                errors += wrongs(snapshot, zone, whole=build not in seen)
                seen.add(build)
            reads += 1
        except NothingPublishedError as error:
            # Before the first publication that is the answer; after it, never again.
            if published:
                errors.append(repr(error))
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is what is looked for
            errors.append(repr(error))
        time.sleep(PAUSE_S)
    return {"reads": reads, "versions": len(seen), "errors": errors[:20]}


@dataclass
class Reading:
    """What all readers met, once they have ended."""

    reads: int = 0
    errors: list[str] = field(default_factory=list)


@contextmanager
def readers(zone: Path, stop: Path, count: int = 2) -> Iterator[Reading]:
    """Readers of a published zone for as long as the block runs."""
    reading = Reading()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.readers", str(zone), str(stop)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        yield reading
    finally:
        stop.touch()
        for process in processes:
            out, error = process.communicate(timeout=60)
            result = json.loads(out) if process.returncode == 0 else {"reads": 0, "errors": [error]}
            reading.reads += result["reads"]
            reading.errors += result["errors"]


if __name__ == "__main__":
    print(json.dumps(read_on(Path(sys.argv[1]), Path(sys.argv[2]))))
