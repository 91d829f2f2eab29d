"""Writes one build's marts as files that never change: a DuckDB file, Parquet by day, a manifest.

Given the version before, it writes what changed: the DuckDB file begins as a copy of the old one,
Parquet files of other days are links. Rows, hashes and files are the same as without; only the
order of rows inside the DuckDB file differs.

Whether a build may be published is not decided here (``publish.py``), nor where it goes
(``zone.py``), nor which version it can go on from (``changes.py``).
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from serve.carry import Change, appended_rows, change_rows, changes_to
from serve.changes import Base, attached
from serve.parquet import days_written, write_parquet
from serve.sql import literal, quoted
from serve.tables import REQUIRED, Table, marts, sums, told
from serve.zone import DATABASE, MANIFEST, PARQUET, sync

_SPILL = ".spill"
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750


class SnapshotError(Exception):
    """The warehouse lacks what a snapshot is made of."""


def write_snapshot(
    warehouse: Path,
    folder: Path,
    stamp: dict[str, Any],
    gates: dict[str, Any],
    base: Base | None = None,
) -> dict[str, Any]:
    """Fill ``folder`` from the schema ``marts`` of a warehouse and return the manifest.

    Args:
        warehouse: the DuckDB file, opened read-only.
        folder: an empty folder, which the caller moves into place.
        stamp: the row of ``meta.build``, and the build's ``sequence``.
        gates: what the manifest says of the gate report.
        base: the version to go on from, whose files are read and linked and never written; None,
            or one that is no local folder, to write everything.

    Raises:
        SnapshotError: when a mart is missing.
    """
    before = base.folder if base else None
    with attached(warehouse) as connection:
        # Large sorts spill here, where whatever a crash leaves behind is removed with the rest.
        connection.execute(f"set temp_directory = {literal(str(folder / _SPILL))}")
        tables = marts(connection)
        missing = sorted(set(REQUIRED) - set(tables))
        if missing:
            raise SnapshotError(f"the warehouse has no marts.{', marts.'.join(missing)}")
        changes: dict[str, Change] = {}
        if base and before:
            changes = changes_to(connection, base, before / DATABASE, tables)
        appended = appended_rows(base, changes) if base and changes else None
        if before and appended is not None:
            _carried_database(connection, before / DATABASE, folder / DATABASE, tables, changes)
        else:
            _whole_database(connection, folder / DATABASE, tables)
        linked_from = before / PARQUET if before and changes else None
        changes = changes or _contents(connection, tables)
        linked: set[Path] = set()
        for name, table in tables.items():
            linked |= write_parquet(connection, table, changes[name], folder / PARQUET, linked_from)
        connection.execute("detach snapshot")
    manifest = {
        "build_id": stamp["build_id"],
        "sequence": stamp.get("sequence"),
        "built_at": stamp["built_at"].isoformat(),
        "published_at": datetime.now(UTC).isoformat(),
        "code_version": stamp["code_version"],
        "days_run": stamp["days"],
        "call_days": days_written(folder / PARQUET / "call_record"),
        "tables": {name: told(table, changes[name].content) for name, table in tables.items()},
        "went_on_from": base.build_id if base and linked_from else None,
        "appended_rows": appended or 0,
        "gates": gates,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    _settle(folder, linked)
    return manifest


def _whole_database(
    connection: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, Table]
) -> None:
    """Write every table, in its order, into a new file that stays attached as ``snapshot``."""
    connection.execute(f"attach {literal(str(path))} as snapshot")
    for table in tables.values():
        _create(connection, table)


def _carried_database(
    connection: duckdb.DuckDBPyConnection,
    before: Path,
    path: Path,
    tables: dict[str, Table],
    changes: dict[str, Change],
) -> None:
    """Copy a version's file, attach the copy as ``snapshot`` and change what changed."""
    shutil.copyfile(before, path)
    connection.execute(f"attach {literal(str(path))} as snapshot")
    connection.execute("begin")
    for name, table in tables.items():
        days = changes[name].days
        if changes[name].is_same:
            continue
        if days is None:
            _create(connection, table)
        else:
            change_rows(connection, table, days)
    connection.execute("commit")
    connection.execute("checkpoint snapshot")


def _contents(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> dict[str, Change]:
    return {
        name: Change(sums(connection, table.within("snapshot.main")))
        for name, table in tables.items()
    }


def _create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    connection.execute(
        f"create or replace table {table.within('snapshot.main')} as"  # noqa: S608 - quoted
        f" select * from {table.within('warehouse.marts')} order by {table.order}"
    )
    _comments(connection, table.name)


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


def _settle(folder: Path, linked: set[Path]) -> None:
    """Give every file its mode (group may read, others nothing) and bring it to disk.

    A link's file belongs to an older version too: it is on disk, and not to be touched.
    """
    for path in [*folder.rglob("*"), folder]:
        if path not in linked:
            path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
            sync(path)
