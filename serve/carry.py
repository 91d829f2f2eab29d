"""What of a published version the next one takes over, and what it changes.

Only the calls that the warehouse says changed are read, from the old version and from the
warehouse; of both, a day whose rows are the same is left alone. Tables that do not go by call are
small: they are compared whole, by content hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from serve.changes import Base
from serve.sql import literal
from serve.tables import Sums, Table, sums, sums_by_day, sums_told

Days = frozenset[str | None]
# Rows that a version appends lie behind the sorted ones, and those it deletes leave holes. When so
# many have gathered, the next database is written whole: over time that costs each row thrice.
APPENDED_SHARE = 0.5
_CHANGED = "select canonical_call_id from changed_call"


@dataclass(frozen=True)
class Change:
    """What becomes of one table.

    Attributes:
        content: the sums of the table as it is in the warehouse now.
        is_same: nothing of it changed.
        days: the call dates whose rows change; None: the table changes as a whole.
        appended: rows to insert.
    """

    content: Sums
    is_same: bool = False
    days: Days | None = None
    appended: int = 0


def changes_to(
    connection: duckdb.DuckDBPyConnection, base: Base, folder: Path, tables: dict[str, Table]
) -> dict[str, Change]:
    """Compare the attached ``warehouse`` with a version, which stays attached as ``base``.

    Args:
        connection: where ``warehouse`` is attached.
        base: the version to go on from.
        folder: its DuckDB file.
        tables: the warehouse's marts, which must be those of the version.

    Returns:
        A change for each table; none at all when the log of changes cannot be right, because the
        rows do not add up: then the version is written whole.
    """
    connection.execute(f"attach {literal(str(folder))} as base (read_only)")
    connection.execute(
        "create temp table changed_call as select distinct canonical_call_id"  # noqa: S608 - a number
        " from warehouse.meta.changed_call where canonical_call_id is not null"
        f" and sequence > {base.sequence:d}"
    )
    changes = {}
    for name, table in tables.items():
        before = sums_told(base.manifest["tables"][name])
        if table.by_call:
            changes[name] = _by_call(connection, table, before)
            if not _adds_up(connection, table, changes[name]):
                return {}
        else:
            content = sums(connection, table.within("warehouse.marts"))
            changes[name] = Change(content, content == before, None, content.rows)
    return changes


def _by_call(connection: duckdb.DuckDBPyConnection, table: Table, before: Sums) -> Change:
    old = sums_by_day(connection, table.within("base.main"), _CHANGED)
    new = sums_by_day(connection, table.within("warehouse.marts"), _CHANGED)
    days = frozenset(day for day in {*old, *new} if old.get(day) != new.get(day))
    content, appended = before, 0
    for day in days:
        content = content - old.get(day, Sums()) + new.get(day, Sums())
        appended += new.get(day, Sums()).rows
    return Change(content, not days, days, appended)


def _adds_up(connection: duckdb.DuckDBPyConnection, table: Table, change: Change) -> bool:
    """Whether the warehouse has as many rows as the version will: asked of a table, which knows.

    A view would have to be read whole to know, so it is believed.
    """
    known = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'warehouse'"
        " and schema_name = 'marts'"
    ).fetchall()
    if (table.name,) not in known:
        return True
    query = f"select count(*) from {table.within('warehouse.marts')}"  # noqa: S608 - quoted
    return connection.execute(query).fetchone() == (change.content.rows,)


def appended_rows(base: Base, changes: dict[str, Change]) -> int | None:
    """Rows behind the sorted ones when the version's database goes on from the base's file.

    None when there would be too many of them (``APPENDED_SHARE``): write it whole.
    """
    appended = int(base.manifest.get("appended_rows") or 0)
    appended += sum(change.appended for change in changes.values() if change.days)
    rows = sum(change.content.rows for change in changes.values())
    return None if appended > APPENDED_SHARE * rows else appended


def change_rows(connection: duckdb.DuckDBPyConnection, table: Table, days: Days) -> None:
    """Bring the changed calls' rows of some days in ``snapshot`` to what the warehouse has."""
    target = table.within("snapshot.main")
    where = f"canonical_call_id in ({_CHANGED}) and {on_days(days)}"
    connection.execute(f"delete from {target} where {where}")  # noqa: S608 - quoted
    connection.execute(
        f"insert into {target} select * from {table.within('warehouse.marts')}"  # noqa: S608 - quoted
        f" where {where} order by {table.order}"
    )


def on_days(days: Days) -> str:
    """SQL: whether a row's call date is among some days, None among them."""
    known = ", ".join(f"date {literal(day)}" for day in sorted(filter(None, days)))
    told = [f"call_date in ({known})"] if known else []
    told += ["call_date is null"] if None in days else []
    return f"({' or '.join(told) or 'false'})"
