"""Which build a warehouse holds: a name that follows from everything the tables depend on."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.redaction import policy_version
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.resources import DBT_DIR

CODE_SUFFIXES = {".sql", ".yml", ".csv"}


def redacted_dir(settings: Settings) -> Path:
    """The folder of this policy's redacted objects, mirrored first when the zone is on S3.

    Redacted objects are immutable, so a mirrored copy never goes stale.
    """
    prefix = f"policy={policy_version()}"
    if settings.redacted.startswith("s3://"):
        cache = settings.data_dir / "cache" / "redacted"
        open_store(settings.redacted, settings.s3_endpoint_url).mirror(prefix, cache)
        return (cache / prefix).resolve()
    return (Path(settings.redacted).expanduser() / prefix).resolve()


def code_version() -> str:
    """Digest of the dbt project's own files: other SQL is another build."""
    digest = hashlib.sha256()
    for path in sorted(DBT_DIR.rglob("*")):
        if path.suffix in CODE_SUFFIXES and "target" not in path.parts:
            digest.update(
                str(path.relative_to(DBT_DIR)).encode() + b"\0" + path.read_bytes() + b"\0"
            )
    return digest.hexdigest()[:16]


def build_id(settings: Settings, folder: Path) -> str:
    """The build's name: digest of policy version, redacted objects' names, SQL and settings.

    The same landing zone and code give the same name, so a run that changed nothing publishes
    nothing new.
    """
    named = f"{folder.name}|{code_version()}|{settings.trace_sample_rate}"
    digest = hashlib.sha256(named.encode())
    inputs = [*folder.rglob("*.parquet"), *(folder / "_rejects").rglob("*.json")]
    for path in sorted(path.relative_to(folder).as_posix() for path in inputs):
        digest.update(path.encode() + b"\n")
    digest.update((folder / "_token_key.txt").read_bytes())
    return digest.hexdigest()[:16]


def clear(warehouse: Path) -> None:
    """Start a build from nothing: no table of an older project, no page with old bytes."""
    for path in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
        path.unlink(missing_ok=True)
    warehouse.parent.mkdir(parents=True, exist_ok=True)


def stamp(warehouse: Path, build: str, days: str) -> None:
    """Name a finished build in ``meta.build`` (one row), which publication checks."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.build as select ?::varchar as build_id,"
            " ?::timestamp as built_at, ?::varchar as code_version, ?::varchar as days",
            [build, datetime.now(UTC).replace(tzinfo=None), code_version(), days],
        )


def read_stamp(warehouse: Path) -> str:
    """The build a warehouse holds.

    Raises:
        LookupError: when its last dbt build did not finish.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            row = connection.execute("select build_id from meta.build").fetchone()
        except duckdb.CatalogException:
            row = None
    if row is None:
        raise LookupError("the warehouse holds no finished build: run the job for a day first")
    return str(row[0])
