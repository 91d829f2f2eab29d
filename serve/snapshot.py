"""Writes one build's marts as files that never change: a DuckDB file, Parquet by day, a manifest.

Whether a build may be published is not decided here (``publish.py``), nor where it goes
(``zone.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

DATABASE = "callstory.duckdb"
MANIFEST = "manifest.json"
PARQUET = "parquet"
REQUIRED = (
    "call_alias",
    "call_completeness",
    "call_event",
    "call_record",
    "call_redirect",
    "call_turn",
    "identity_conflict",
)
# Rows lie in the order in which they are looked up, so that DuckDB's row-group statistics (its zone
# maps) lead there without an index; the other columns follow, for one order whatever the threads.
LOOKED_UP_BY = {
    "call_alias": ("alias_value", "namespace"),
    "call_event": ("canonical_call_id", "sequence_number"),
    "call_redirect": ("old_call_id",),
    "call_turn": ("canonical_call_id", "turn_index"),
}
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750


class SnapshotError(Exception):
    """The warehouse lacks what a snapshot is made of."""


def write_snapshot(
    warehouse: Path, folder: Path, stamp: dict[str, Any], gates: dict[str, Any]
) -> dict[str, Any]:
    """Fill ``folder`` from the schema ``marts`` of a warehouse and return the manifest.

    Args:
        warehouse: the DuckDB file, opened read-only.
        folder: an empty folder, which the caller moves into place.
        stamp: the row of ``meta.build``.
        gates: what the manifest says of the gate report.

    Raises:
        SnapshotError: when a mart is missing.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        connection.execute(f"attach {literal(str(folder / DATABASE))} as snapshot")
        tables = {name: _copy(connection, name) for name in _marts(connection)}
        for name, table in tables.items():
            _parquet(connection, name, table, folder / PARQUET)
        days = connection.execute(
            "select distinct call_date::varchar from snapshot.main.call_record order by 1"
        ).fetchall()
        connection.execute("detach snapshot")
    manifest = {
        "build_id": stamp["build_id"],
        "built_at": stamp["built_at"].isoformat(),
        "published_at": datetime.now(UTC).isoformat(),
        "code_version": stamp["code_version"],
        "days_run": stamp["days"],
        "call_days": [day for (day,) in days if day],
        "tables": tables,
        "gates": gates,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    _settle(folder)
    return manifest


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and table_schema = 'marts' order by 1"
    ).fetchall()
    names = [name for (name,) in rows]
    missing = sorted(set(REQUIRED) - set(names))
    if missing:
        raise SnapshotError(f"the warehouse has no marts.{', marts.'.join(missing)}")
    return names


def _copy(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    source, target = f"warehouse.marts.{quoted(table)}", f"snapshot.main.{quoted(table)}"
    columns = connection.execute(f"describe {source}").fetchall()
    names = [str(column[0]) for column in columns]
    first = [name for name in LOOKED_UP_BY.get(table, ("canonical_call_id",)) if name in names]
    order = ", ".join(quoted(name) for name in dict.fromkeys([*first, *names]))
    connection.execute(
        f"create table {target} as select * from {source} order by {order}"  # noqa: S608 - quoted
    )
    _comments(connection, table)
    rows, digest = content_hash(connection, target, [(str(c[0]), str(c[1])) for c in columns])
    return {"rows": rows, "content_hash": digest, "columns": names}


def content_hash(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]]
) -> tuple[int, str]:
    """Row count and a digest of all rows that does not depend on their order.

    Each row's JSON is hashed; the sums of the hashes' halves and the columns' names and types make
    the digest, so equal tables are equal whatever wrote them, and a row more or less shows.
    """
    row = connection.execute(
        "select count(*), coalesce(sum(md5_number_lower(j)::hugeint), 0),"  # noqa: S608 - quoted name
        " coalesce(sum(md5_number_upper(j)::hugeint), 0)"
        f" from (select to_json(t)::varchar as j from {table} as t)"
    ).fetchone()
    count, lower, upper = (int(value) for value in row or (0, 0, 0))
    text = json.dumps([columns, count, lower % (1 << 64), upper % (1 << 64)])
    return count, hashlib.sha256(text.encode()).hexdigest()


def _comments(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Carry over what dbt wrote about a table and its columns, for whoever opens the file."""
    target = f"snapshot.main.{quoted(table)}"
    where = "database_name = 'warehouse' and schema_name = 'marts' and table_name = ?"
    view = where.replace("table_name", "view_name")
    for (text,) in connection.execute(
        f"select comment from duckdb_tables() where {where} and comment is not null"  # noqa: S608
        f" union all select comment from duckdb_views() where {view} and comment is not null",
        [table, table],
    ).fetchall():
        connection.execute(f"comment on table {target} is {literal(text)}")
    for name, text in connection.execute(
        f"select column_name, comment from duckdb_columns() where {where}"  # noqa: S608 - bound
        " and comment is not null",
        [table],
    ).fetchall():
        connection.execute(f"comment on column {target}.{quoted(name)} is {literal(text)}")


def _parquet(
    connection: duckdb.DuckDBPyConnection, name: str, table: dict[str, Any], folder: Path
) -> None:
    """One folder a table: by call_date where it has one and any row, else a single file."""
    source = f"snapshot.main.{quoted(name)}"
    target = folder / name
    target.mkdir(parents=True)
    options = "format parquet, compression zstd"
    connection.execute("set threads = 1")  # one file a partition, rows in the table's order
    if "call_date" in table["columns"] and table["rows"]:
        options += ", partition_by (call_date), write_partition_columns true"
        connection.execute(
            f"copy {source} to {literal(str(target))} ({options}, overwrite_or_ignore)"
        )
    else:
        connection.execute(
            f"copy {source} to {literal(str(target / 'data_0.parquet'))} ({options})"
        )
    connection.execute("reset threads")


def _settle(folder: Path) -> None:
    """Give every file its mode (group may read, others nothing) and bring it to disk."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
        sync(path)


def sync(path: Path) -> None:
    """Bring a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A SQL string literal, for the places where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
