"""What the tests of erasure and retention share: the command, and looking at what is there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import zstandard

from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import open_store
from tests.canaries.search import unpacked
from tests.harness import ROOT, PipelineRun

LARGEST = """
select canonical_call_id from call_record where route = 'ivr_to_agent'
order by record_count desc limit 1
"""


def callstory(run: PipelineRun, *arguments: str, code: str = "") -> subprocess.CompletedProcess:
    program = ["-c", code] if code else ["-m", "serve.cli"]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, **run.environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file of an installation but logs and locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name[0] != "." and "logs" not in path.parts
    }


def everything(run: PipelineRun) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of all that an installation keeps, decoded, but for the audit log."""
    for path in sorted((run.home / "data").rglob("*")):
        if not path.is_file() or "audit" in path.parts or path.is_symlink():
            continue
        yield from unpacked(str(path.relative_to(run.home)), path)


def rows(run: PipelineRun, query: str) -> list[tuple]:
    with duckdb.connect(str(run.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def records_of(run: PipelineRun, call: str) -> list[str]:
    with duckdb.connect(str(run.settings.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select record_id from identity.int_identity__record_call"
            " where canonical_call_id = ? and not is_associating_record",
            [call],
        ).fetchall()
    return [record for (record,) in found]


def lines(settings: Settings) -> list[bytes]:
    store = open_store(settings.landing)
    return [
        line
        for stream in all_streams()
        for key in store.list(stream.prefix)
        if key.endswith(".jsonl.zst")
        for line in zstandard.decompress(store.get(key)).splitlines()
    ]
