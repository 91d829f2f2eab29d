"""Records of simulated estates, to be delivered in any order, and dbt runs over what was delivered.

Everything real but the transport: records are landed by ``ingest.landing``, redacted by
``ingest.redaction``, built by dbt. Landing times are given, so that two warehouses can be compared.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from ingest.landing import Lander
from ingest.outcomes import Attempt
from ingest.records import Limits, Line, check
from ingest.redaction import policy_version, redact_stream
from ingest.registry import PullContext, Stream, all_streams
from ingest.settings import Settings
from ingest.simulator import FaultProfile, generate
from ingest.store import open_store
from orchestration.demo import demo_environment

DBT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass(frozen=True)
class Delivered:
    """One record as a provider would hand it over."""

    stream: Stream
    raw: bytes


def estate_records(
    home: Path, *, calls: int, days: int, start: date, seed: int, profile: str | FaultProfile
) -> list[Delivered]:
    """Generate an estate under ``home`` and list every record of it, in stream order."""
    generate(home, calls=calls, days=days, start=start, seed=seed, profile=profile)
    settings = Settings.from_env(demo_environment(home, home, "http://127.0.0.1:9"))
    context = PullContext(settings, Limits())
    records: list[Delivered] = []
    for stream in all_streams():
        if stream.kind == "http":
            path = home / "http" / stream.provider / f"{stream.name}.jsonl"
            lines = path.read_bytes().splitlines() if path.exists() else []
            records += [Delivered(stream, line) for line in lines]
        else:
            for day in (start + timedelta(days=n) for n in range(days + 3)):
                for item in stream.pull(context, day):
                    if isinstance(item, Line):
                        records.append(Delivered(stream, item.raw))
    return records


@dataclass
class Zones:
    """Landing and redacted zone under ``home``, and the warehouses built from them."""

    home: Path

    def __post_init__(self) -> None:
        self.settings = Settings.from_env(
            demo_environment(self.home, self.home, "http://127.0.0.1:9")
        )
        self.call_ids.mkdir(parents=True, exist_ok=True)
        (self.call_ids / "_empty.json").write_text("")
        self.redact()

    @property
    def redacted(self) -> Path:
        return Path(self.settings.redacted) / f"policy={policy_version()}"

    @property
    def call_ids(self) -> Path:
        return self.home / "call_ids"

    def land(self, records: Iterable[Delivered], landed_at: datetime) -> list[str]:
        """Land records as one pull a stream would, all at one instant; the new objects' keys."""
        objects: list[str] = []
        by_stream: dict[Stream, list[bytes]] = {}
        for record in records:
            by_stream.setdefault(record.stream, []).append(record.raw)
        limits = Limits()
        for stream, raws in by_stream.items():
            attempt = Attempt(stream.provider, stream.name, landed_at.date(), landed_at)
            store = open_store(self.settings.landing)
            lander = Lander(store, stream, landed_at, PullContext(self.settings, limits), attempt)
            for raw in raws:
                lander.add(check(raw, limits))
            lander.flush()
            objects += lander.objects
        return objects

    def redact(self) -> None:
        for stream in all_streams():
            redact_stream(self.settings, stream, workers=1)

    def environment(self, warehouse: Path) -> dict[str, str]:
        return {
            "CALLSTORY_WAREHOUSE": str(warehouse),
            "CALLSTORY_REDACTED_DIR": str(self.redacted),
            "CALLSTORY_CALL_IDS_DIR": str(self.call_ids),
            "DBT_PROFILES_DIR": str(DBT_DIR),
        }

    def dbt(self, warehouse: Path, *arguments: str, target: Path) -> str:
        """``dbt`` in a process of its own; its output. Raises when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", *arguments,
             "--target-path", str(target), "--log-path", str(target)],
            cwd=DBT_DIR, env={**os.environ, **self.environment(warehouse)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (
            done.stdout[done.stdout.find("Completed with") :] + done.stderr[-500:]
        )
        return done.stdout


def table_hashes(warehouse: Path, schema: str = "marts") -> dict[str, tuple[object, ...]]:
    """Row count and two sums of row hashes of every table of a schema: its content, in no order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ? order by 1", [schema]
        ).fetchall()
        found = {}
        for (name,) in names:
            table = f'{schema}."{name}"'
            row = connection.execute(
                "select count(*), sum(md5_number_lower(j)::hugeint),"
                " sum(md5_number_upper(j)::hugeint)"
                f" from (select to_json(t)::varchar as j from {table} as t)"
            ).fetchone()
            found[name] = tuple(row or ())
        return found


def rows_that_differ(one: Path, other: Path, table: str) -> Sequence[tuple[object, ...]]:
    """Some rows of a mart that only one of two warehouses has: what a failure shows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        return connection.execute(
            f"(select 'one' as side, * from (select * from one.{table} except"
            f" select * from other.{table}) limit 5) union all (select 'other', * from"
            f" (select * from other.{table} except select * from one.{table}) limit 5)"
        ).fetchall()
