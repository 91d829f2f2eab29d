"""Which build a warehouse holds, and whether the next one can go on from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.acceptance import FOLDER, Acceptance
from ingest.redaction import policy_version
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.matching.versions import pinned
from orchestration.resources import DBT_DIR

CODE_SUFFIXES = {".sql", ".yml", ".csv"}
# A change of it is a change of data: the records that it speaks of are recomputed, not everything.
EXCLUSIONS = DBT_DIR / "seeds" / "identity" / "identity_exclusion.csv"
CALL_IDS = "call_ids"
_PENDING = """
create schema if not exists meta;
create table if not exists meta.scope_pending (
    record_id varchar, canonical_call_id varchar, call_date date, is_before boolean
)
"""
_CALLS_BEFORE = """
insert into meta.scope_pending
select distinct record_id, canonical_call_id, null, true from previous.meta.scope_pending
where is_before and canonical_call_id is not null
union all
select record_id, canonical_call_id, null, true from previous.identity.int_identity__record_call
where not is_associating_record
    and record_id not in (select record_id from previous.meta.scope_pending where is_before)
"""
# Builds whose changes are remembered; a published version older than that is not gone on from.
_KEPT_BUILDS = 100


def redacted_dir(settings: Settings) -> Path:
    """The folder of this policy's redacted objects, mirrored first when the zone is on S3.

    Redacted objects are immutable, so a mirrored copy never goes stale.
    """
    prefix = f"policy={policy_version()}"
    if settings.redacted.startswith("s3://"):
        return _mirrored(settings, settings.redacted, prefix, "redacted")
    return (Path(settings.redacted).expanduser() / prefix).resolve()


def call_ids_dir(settings: Settings) -> Path:
    """The folder of the call IDs that were ever published (JSON lines), with at least one file."""
    store = open_store(settings.published, settings.s3_endpoint_url)
    store.put(f"{CALL_IDS}/_none.json", b"")
    if settings.published.startswith("s3://"):
        return _mirrored(settings, settings.published, CALL_IDS, "published")
    return (Path(settings.published).expanduser() / CALL_IDS).resolve()


def accepted_dir(settings: Settings) -> Path:
    """The folder of what operators accepted (one JSON object each), with at least one file."""
    store = open_store(settings.published, settings.s3_endpoint_url)
    store.put(f"{FOLDER}/_none.json", b"")
    if settings.published.startswith("s3://"):
        return _mirrored(settings, settings.published, FOLDER, "published")
    return (Path(settings.published).expanduser() / FOLDER).resolve()


def accepted(settings: Settings) -> list[Acceptance]:
    """Every acceptance, oldest first.

    Raises:
        AcceptanceError: when an object is none; nobody but ``callstory accept`` writes there.
    """
    store = open_store(settings.published, settings.s3_endpoint_url)
    texts = [store.get(key) for key in sorted(store.list(f"{FOLDER}/")) if key.endswith(".json")]
    return [Acceptance.from_json(json.loads(text)) for text in texts if text.strip()]


def _mirrored(settings: Settings, location: str, prefix: str, name: str) -> Path:
    cache = settings.data_dir / "cache" / name
    open_store(location, settings.s3_endpoint_url).mirror(prefix, cache)
    return (cache / prefix).resolve()


def code_version() -> str:
    """Digest of the dbt project's own files: other SQL is another build. Exclusions are data."""
    digest = hashlib.sha256()
    for path in sorted(DBT_DIR.rglob("*")):
        if path.suffix in CODE_SUFFIXES and "target" not in path.parts and path != EXCLUSIONS:
            digest.update(
                str(path.relative_to(DBT_DIR)).encode() + b"\0" + path.read_bytes() + b"\0"
            )
    return digest.hexdigest()[:16]


def context_id(settings: Settings, folder: Path) -> str:
    """Digest of all that a table depends on besides records and exclusions.

    Policy, SQL, settings, the pinned calibration of the matcher.

    Where it differs from the warehouse's, nothing in the warehouse can be kept.
    """
    named = (folder.name, code_version(), settings.trace_sample_rate, settings.turn_text,
             settings.heuristic_links, pinned(settings))  # fmt: skip
    digest = hashlib.sha256("|".join(map(str, named)).encode())
    digest.update((folder / "_token_key.txt").read_bytes())
    return digest.hexdigest()[:16]


def build_id(settings: Settings, folder: Path) -> str:
    """The build's name: digest of its context, the redacted objects' names, and exceptions.

    The same landing zone and code give the same name, so a run that changed nothing publishes
    nothing new.
    """
    digest = hashlib.sha256(context_id(settings, folder).encode())
    inputs = [*folder.rglob("*.parquet"), *(folder / "_rejects").rglob("*.json")]
    for path in sorted(path.relative_to(folder).as_posix() for path in inputs):
        digest.update(path.encode() + b"\n")
    digest.update(EXCLUSIONS.read_bytes())
    for exception in accepted(settings):
        digest.update(exception.exception_id.encode() + b"\n")
    return digest.hexdigest()[:16]


def holds(warehouse: Path, build: str, context: str) -> bool:
    """Whether the warehouse holds this very build, finished: then there is nothing to do."""
    return _row(warehouse, "select build_id, context from meta.build") == (build, context)


def prepare(warehouse: Path, context: str, *, anew: bool = False) -> bool:
    """Make the warehouse file ready for a dbt build; true when that build shall be a partial one.

    A full refresh starts in a new file: no table of an older project, no page with old bytes. Of
    the old file it keeps which record was in which call, so that the IDs of calls that come apart
    lead to every part. Where a killed run has moved records already, it is what that run kept.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    if not anew and _can_go_on(warehouse, context):
        return True
    previous = _beside(warehouse, ".previous")
    if _has_calls(warehouse):
        _settle(warehouse)
        warehouse.replace(previous)
    for path in (warehouse, _beside(warehouse, ".wal"), _beside(warehouse, ".work")):
        path.unlink(missing_ok=True)
    _beside(warehouse, ".work.wal").unlink(missing_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_PENDING)
        if _has_calls(previous):
            connection.execute(f"attach '{_quoted(previous)}' as previous (read_only)")
            connection.execute(_CALLS_BEFORE)
    return False


def _settle(warehouse: Path) -> None:
    """Bring into the file what a killed run left in the log beside it, before the file moves."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_PENDING)
        connection.execute("checkpoint")


@dataclass(frozen=True)
class Stamp:
    """A finished build: its name, its place among this warehouse's builds, the context."""

    build_id: str
    days: str
    context: str


def stamp(warehouse: Path, done: Stamp) -> None:
    """Name a finished build in ``meta.build`` (one row) and log it, which publication checks."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("begin")
        last = connection.execute(
            "select sequence, build_id from meta.build_log order by sequence desc limit 1"
        ).fetchone() or (0, None)
        if last[1] != done.build_id:
            connection.execute(
                "insert into meta.build_log select ?::bigint, ?::varchar,"
                " exists (select 1 from meta.fresh_run where sequence = ?::bigint)",
                [last[0] + 1, done.build_id, last[0] + 1],
            )
        for table in ("build_log", "changed_call", "fresh_run"):
            connection.execute(
                f"delete from meta.{table} where sequence <= ?::bigint",  # noqa: S608 - fixed names
                [last[0] - _KEPT_BUILDS],
            )
        connection.execute(
            "create or replace table meta.build as select ?::varchar as build_id,"
            " ?::timestamp as built_at, ?::varchar as code_version, ?::varchar as days,"
            " ?::varchar as context",
            [
                done.build_id,
                datetime.now(UTC).replace(tzinfo=None),
                code_version(),
                done.days,
                done.context,
            ],
        )
        connection.execute("create or replace table meta.context as select context from meta.build")
        connection.execute("commit")
    _beside(warehouse, ".previous").unlink(missing_ok=True)


def read_stamp(warehouse: Path) -> str:
    """The build a warehouse holds.

    Raises:
        LookupError: when its last dbt build did not finish.
    """
    return str(_stamped(warehouse, "build_id"))


def built_at(warehouse: Path) -> datetime:
    """When that build was finished (UTC). Raises as ``read_stamp`` does."""
    finished: datetime = _stamped(warehouse, "built_at")
    return finished.replace(tzinfo=UTC)


def _stamped(warehouse: Path, column: str) -> Any:
    row = _row(warehouse, f"select {column} from meta.build")  # noqa: S608 - a fixed name
    if row is None:
        raise LookupError("the warehouse holds no finished build: run the job for a day first")
    return row[0]


def last_days(warehouse: Path) -> str:
    """The days of the last finished build (``first..last``); empty where there is none."""
    row = _row(warehouse, "select days from meta.build")
    return str(row[0]) if row else ""


def keep_call_ids(settings: Settings, build: str, since: int | None) -> None:
    """Keep in the published zone which call IDs the build gave out since a published one.

    Written before readers see them, so that every ID that was ever published resolves, also from a
    warehouse that is built anew. ``since`` is the published build's place in ``meta.build_log``.
    """
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select old_call_id, record_id from identity.int_identity__issued_id"
            " where sequence > ?::bigint order by 1, 2",
            [since or 0],
        ).fetchall()
    if rows:
        lines = (json.dumps({"call_id": call, "record_id": record}) + "\n" for call, record in rows)
        store = open_store(settings.published, settings.s3_endpoint_url)
        store.put(f"{CALL_IDS}/{build}.json", "".join(lines).encode())


def _can_go_on(warehouse: Path, context: str) -> bool:
    return (
        _row(warehouse, "select context from meta.context") == (context,)
        and _row(warehouse, "select 'read' from meta.built_object limit 1") is not None
    )


def _has_calls(warehouse: Path) -> bool:
    query = "select 'some' from identity.int_identity__record_call limit 1"
    return _row(warehouse, query) is not None


def _row(warehouse: Path, query: str) -> tuple[Any, ...] | None:
    if not warehouse.exists():
        return None
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            return connection.execute(query).fetchone()
        except duckdb.CatalogException:
            return None


def _beside(warehouse: Path, suffix: str) -> Path:
    return warehouse.with_name(f"{warehouse.name}{suffix}")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
