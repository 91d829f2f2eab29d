"""Which published version the warehouse's present build can be told from, as changes to it.

The warehouse keeps a log of its builds and the calls that each of them changed. A version whose
build stands in that log, with nothing built afresh since, differs from the present build by those
calls alone. Publication and the gates then look at them and not at everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from serve.sql import literal
from serve.tables import Table, is_told, marts
from serve.zone import LocalZone, Zone


@dataclass(frozen=True)
class Base:
    """A published version to go on from.

    Attributes:
        build_id: its build.
        sequence: that build's place in ``meta.build_log``; later ones hold what changed since.
        manifest: the version's manifest.
        folder: where its files lie, None when the zone is not a local folder.
    """

    build_id: str
    sequence: int
    manifest: dict[str, Any]
    folder: Path | None


def changes_since(warehouse: Path, zone: Zone, rules: str | None = None) -> Base | None:
    """The latest build of this warehouse that is published and can be gone on from.

    Args:
        warehouse: the DuckDB file, opened read-only.
        zone: where versions are looked for.
        rules: only a version that passed the gates under these rules (``expectations.rules``) will
            do. The gates need that, publication does not.

    Returns:
        None when there is none: everything is to be looked at, or written, afresh. So it is when
        the warehouse keeps no log, when a later build was made afresh (an erasure is one: old
        database pages keep old bytes), and when a table or column is new or gone.
    """
    with attached(warehouse) as connection:
        unbroken = _unbroken(connection)
        tables = marts(connection)
    bases = [
        (int(manifest["sequence"]), manifest)
        for manifest in zone.builds()
        if manifest["build_id"] == unbroken.get(manifest.get("sequence"))
        and _same_tables(tables, manifest["tables"])
        and (rules is None or manifest["gates"].get("rules") == rules)
    ]
    if not bases:
        return None
    sequence, manifest = max(bases, key=lambda base: base[0])
    build_id = str(manifest["build_id"])
    folder = zone.version(build_id) if isinstance(zone, LocalZone) else None
    return Base(build_id, sequence, manifest, folder)


@contextmanager
def attached(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own with the warehouse attached read-only as ``warehouse``."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        yield connection


def last_sequence(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The present build's place in the log; None when the log does not end with this build."""
    log = _log(connection)
    return log[-1][0] if log else None


def _unbroken(connection: duckdb.DuckDBPyConnection) -> dict[int | None, str]:
    """Builds by sequence, back to the last one made afresh (which may be gone on from)."""
    builds: dict[int | None, str] = {}
    for sequence, build_id, is_fresh in reversed(_log(connection)):
        builds[sequence] = build_id
        if is_fresh is not False:
            break
    return builds


def _log(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, bool | None]]:
    try:
        connection.execute(
            "select sequence, canonical_call_id, call_date from warehouse.meta.changed_call limit 0"
        )
        log = connection.execute(
            "select sequence, build_id, is_fresh from warehouse.meta.build_log order by sequence"
        ).fetchall()
        present = connection.execute("select build_id from warehouse.meta.build").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []  # a warehouse that keeps no log
    return log if log and [(log[-1][1],)] == present else []


def _same_tables(tables: dict[str, Table], told: dict[str, Any]) -> bool:
    same_names = set(tables) == set(told)
    return same_names and all(is_told(table, told[name]) for name, table in tables.items())
