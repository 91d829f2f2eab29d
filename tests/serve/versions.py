"""Published versions as tests look at them: their manifest, rows, bytes and inodes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from serve.publish import publish
from serve.tables import REQUIRED
from tests.serve.conftest import passing_report


def put(warehouse: Path, zone: Path, name: str, keep: int = 20) -> dict:
    publish(warehouse, str(zone), name, passing_report(name), keep)
    return json.loads((zone / "versions" / name / "manifest.json").read_text())


def rows_of(version: Path) -> dict[str, list[tuple]]:
    """Every table of the DuckDB file and of the Parquet files, and where the latter lie."""
    found: dict[str, list[tuple]] = {}
    with duckdb.connect(str(version / "callstory.duckdb"), read_only=True) as connection:
        for table in REQUIRED:
            found[table] = connection.execute(f"from {table} order by all").fetchall()
            names = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
            for path in sorted((version / "parquet" / table).rglob("*.parquet")):
                place = str(path.relative_to(version))
                query = f"select {', '.join(names)} from '{path}'"
                found[place] = connection.execute(query).fetchall()
    return found


def assert_as_whole(warehouse: Path, zone: Path, name: str, elsewhere: Path) -> dict:
    """The version equals one written to an empty zone; returns its manifest."""
    told, whole = put(warehouse, zone, name), put(warehouse, elsewhere / name, name)
    assert whole["went_on_from"] is None
    for key in ("tables", "call_days", "build_id", "sequence", "days_run"):
        assert told[key] == whole[key], key
    mine = rows_of(zone / "versions" / name)
    assert mine == rows_of(elsewhere / name / "versions" / name)
    for table in REQUIRED:
        partitions = [rows for place, rows in mine.items() if place.startswith(f"parquet/{table}/")]
        assert sum(map(len, partitions)) == len(mine[table]) == told["tables"][table]["rows"]
    return told


def digests(version: Path) -> dict[str, str]:
    return {
        str(path): f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mode}"
        f" {path.stat().st_mtime_ns}"
        for path in version.rglob("*")
        if path.is_file()
    }


def inodes(version: Path) -> dict[str, int]:
    return {
        str(path.relative_to(version)): path.stat().st_ino
        for path in version.rglob("*")
        if path.is_file()
    }
