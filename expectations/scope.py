"""What of a warehouse the gates look at when only some calls changed since a published build.

The changed calls' rows, and all calls of their days where a share counts them, go into a DuckDB
file of their own, in the same schema ``marts``; the gates judge that file as they would the whole.

Nothing is let through unseen. A row that is not in the file has not changed since a build that
passed these same gates and was published; what a build changed that did not pass is in no published
version, so its calls stand among the changed ones until some build passes with them. And where one
row's verdict hangs on all others, the whole warehouse is judged (``_must_be_whole``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations.prefilter import literal
from expectations.report import Coverage

# All calls of a changed day: the shares are per day and route.
BY_DAY = ("call_completeness", "call_record")
# The changed calls alone.
BY_CALL = ("call_alias", "call_event", "call_turn")
_CHANGED = "select canonical_call_id from changed_call"
_DAYS = "select call_date from changed_day"


@dataclass(frozen=True)
class Scope:
    """The database to judge, and what of the warehouse it holds (None: everything)."""

    database: Path
    coverage: Coverage | None = None


def scope(warehouse: Path, folder: Path, since: int | None) -> Scope:
    """Set apart what changed after build ``since``, or name the whole warehouse.

    Args:
        warehouse: the DuckDB file, opened read-only.
        folder: where the file of what changed is written.
        since: the place in ``meta.build_log`` of a published build of this warehouse, after which
            no build was made afresh (``serve.changes``); None to look at everything.
    """
    changed = None if since is None else _set_apart(warehouse, folder / "changed.duckdb", since)
    return changed or Scope(warehouse)


def _set_apart(warehouse: Path, path: Path, since: int) -> Scope | None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        build_id = _build(connection, since)
        if build_id is None:
            return None
        calls, days = _changed(connection, since)
        connection.execute(f"attach {literal(str(path))} as scope")
        _fill(connection)
        if not calls or _must_be_whole(connection):
            return None
    return Scope(path, Coverage(calls, build_id, days))


def _build(connection: duckdb.DuckDBPyConnection, since: int) -> str | None:
    """The build at ``since``; None when it is not in the log or a later one was made afresh."""
    try:
        connection.execute("select 1 from warehouse.meta.changed_call limit 0")
        log = connection.execute(
            "select sequence, build_id, is_fresh from warehouse.meta.build_log order by sequence"
        ).fetchall()
    except duckdb.CatalogException:
        return None
    builds = [row for row in log if row[0] >= since]
    if not builds or builds[0][0] != since or any(row[2] is not False for row in builds[1:]):
        return None
    return str(builds[0][1])


def _changed(connection: duckdb.DuckDBPyConnection, since: int) -> tuple[int, tuple[str, ...]]:
    """Note the changed calls and their days; how many, and which."""
    later = f"from warehouse.meta.changed_call where sequence > {since:d}"
    connection.execute(
        "create temp table changed_call as"
        f" select distinct canonical_call_id {later} and canonical_call_id is not null"
    )
    connection.execute(
        f"create temp table changed_day as select distinct call_date {later}"
        " and call_date is not null"
    )
    calls = connection.execute("select count(*) from changed_call").fetchone()
    days = connection.execute("select call_date::varchar from changed_day order by 1").fetchall()
    return (int(calls[0]) if calls else 0), tuple(day for (day,) in days)


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema scope.marts")
    tables = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and table_schema = 'marts' order by 1"
    ).fetchall()
    for (name,) in tables:
        where = "true"
        if name in BY_CALL or name in BY_DAY:
            where = f"canonical_call_id in ({_CHANGED})"
        if name in BY_DAY:
            where += f" or call_date in ({_DAYS})"
        mart = f'marts."{name}"'
        connection.execute(
            f"create table scope.{mart} as select * from warehouse.{mart} where {where}"  # noqa: S608
        )  # a name of the warehouse's own, quoted


def _must_be_whole(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the days are empty now, or a text has another policy version than unchanged ones.

    Of unchanged texts one is enough: they passed as being all of one version.
    """
    count = connection.execute("select count(*) from scope.marts.call_record").fetchone()
    if count == (0,):
        return True
    column = "redaction_policy_version"
    seen = " union all ".join(
        f"select distinct {column} from scope.marts.{mart}"  # noqa: S608 - as above
        f" union all (select {column} from warehouse.marts.{mart}"
        f" where canonical_call_id not in ({_CHANGED}) and {column} is not null limit 1)"
        for mart in ("call_event", "call_turn")
    )
    versions = connection.execute(f"select count(distinct {column}) from ({seen})").fetchone()  # noqa: S608
    return versions is None or versions[0] > 1
