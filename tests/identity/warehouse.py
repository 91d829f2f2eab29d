"""Runs dbt on records written straight into a redacted zone: a warehouse without a pipeline."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.redaction.parquet import SCHEMA
from tests.incremental.runner import DbtBuilds

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
STREAMS = {
    "amazon_connect": ("contact_records", "flow_logs", "contact_lens"),
    "livekit": ("webhooks", "session_reports"),
    "otlp": ("spans",),
    "twilio": ("calls", "recordings", "summaries", "events"),
    "zendesk": ("tickets",),
}


def run_dbt(*arguments: str, cwd: Path, **environ: str) -> None:
    """``dbt`` in a process of its own, so that it lets go of the DuckDB file.

    Raises:
        AssertionError: with dbt's output, if it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=cwd,
        env={**os.environ, "DBT_PROFILES_DIR": str(cwd), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@dataclass
class RedactedZone:
    """A redacted zone under ``root`` that grows object by object, as landings do."""

    root: Path
    day: str = "2026-05-01"
    objects: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for provider, streams in STREAMS.items():
            for stream in streams:
                folder = self.root / provider / stream / "dt=0001-01-01"
                folder.mkdir(parents=True)
                pq.write_table(SCHEMA.empty_table(), folder / "_empty.parquet")
        for name in ("_objects", "_rejects"):
            (self.root / name).mkdir()
            (self.root / name / "_empty.json").write_text("")

    def land(
        self,
        provider: str,
        stream: str,
        records: Iterable[tuple[str, Mapping[str, Any]]],
        landed_at: datetime = datetime(2026, 5, 2, tzinfo=UTC),
    ) -> None:
        """One object of (record key, record), with its sidecar."""
        name = f"{provider}/{stream}/dt={self.day}/{len(self.objects):04d}"
        rows = [
            {
                "provider": provider,
                "stream": stream,
                "record_key": key,
                "record_hash": hashlib.sha256(json.dumps(record).encode()).hexdigest(),
                "landed_at": landed_at,
                "landing_object": name,
                "landing_line": line,
                "part": 0,
                "record": json.dumps(record),
                "redaction_state": "clean",
                "redaction_classes": [],
                "policy_version": "test",
                "drift": [],
            }
            for line, (key, record) in enumerate(records, start=1)
        ]
        path = self.root / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
        sidecar = {
            "provider": provider,
            "stream": stream,
            "dt": self.day,
            "landing_object": name,
            "landed_at": landed_at.isoformat(),
            "received": len(rows),
            "redacted": len(rows),
            "rows": len(rows),
            "rejected": 0,
            "policy_version": "test",
        }
        (self.root / "_objects" / f"{len(self.objects):04d}.json").write_text(json.dumps(sidecar))
        self.objects.append(name)

    def build(
        self, dbt: DbtBuilds, warehouse: Path, *, tested: bool = True
    ) -> duckdb.DuckDBPyConnection:
        """Staging, identity and the identity marts in ``warehouse``, with their data tests."""
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        dbt.over(self.root).build(
            warehouse=warehouse,
            select=("+marts.identity", "staging", "+int_identity__unresolved_record"),
            without=("unit_test",) if tested else ("unit_test", "test"),
        )
        connection = duckdb.connect(str(warehouse), read_only=True)
        connection.execute(f"attach '{warehouse}.work' as work (read_only)")
        return connection
