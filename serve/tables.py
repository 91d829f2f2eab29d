"""What a mart is to a snapshot: its columns, its order, whether it goes by call, its content hash.

The hash is a sum over rows, so a version that changes some rows knows its own hash from the one
before it and those rows alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import duckdb

from serve.sql import quoted

REQUIRED = (
    "call_alias",
    "call_completeness",
    "call_event",
    "call_link",
    "call_record",
    "call_redirect",
    "call_turn",
    "gate_exception",
    "identity_conflict",
    "match_calibration",
    "match_quality",
)
# Rows lie in the order in which they are looked up, so that DuckDB's row-group statistics (its zone
# maps) lead there without an index; the other columns follow, for one order whatever the threads.
LOOKED_UP_BY = {
    "call_alias": ("alias_value", "namespace"),
    "call_event": ("canonical_call_id", "sequence_number"),
    "call_redirect": ("old_call_id",),
    "call_turn": ("canonical_call_id", "turn_index"),
}
_MODULUS = 1 << 64


@dataclass(frozen=True)
class Table:
    """A mart by name, with the names and types of its columns in their order."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [name for name, _ in self.columns]

    @property
    def by_call(self) -> bool:
        """Whether each row belongs to one call of one day, so that changes to it are known."""
        return {"canonical_call_id", "call_date"} <= set(self.names)

    @property
    def order(self) -> str:
        """SQL of the order in which its rows lie."""
        first = LOOKED_UP_BY.get(self.name, ("canonical_call_id",))
        known = [name for name in first if name in self.names]
        return ", ".join(quoted(name) for name in dict.fromkeys([*known, *self.names]))

    def within(self, database: str) -> str:
        """SQL name of the table in an attached database, as ``snapshot.main`` or the like."""
        return f"{database}.{quoted(self.name)}"


@dataclass(frozen=True)
class Sums:
    """Rows of a table, and the sums of their hashes' halves modulo 2^64."""

    rows: int = 0
    lower: int = 0
    upper: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.rows + other.rows,
            (self.lower + other.lower) % _MODULUS,
            (self.upper + other.upper) % _MODULUS,
        )

    def __sub__(self, other: Sums) -> Sums:
        return self + Sums(-other.rows, -other.lower, -other.upper)


def marts(connection: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """The tables and views of the schema ``marts`` of the attached ``warehouse``, by name."""
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and table_schema = 'marts' order by 1"
    ).fetchall()
    found = {}
    for (name,) in rows:
        described = connection.execute(f"describe warehouse.marts.{quoted(name)}").fetchall()
        found[name] = Table(name, tuple((str(row[0]), str(row[1])) for row in described))
    return found


def sums(connection: duckdb.DuckDBPyConnection, source: str) -> Sums:
    """The sums over all rows of a table (a SQL name)."""
    query = f"select null as day, to_json(t)::varchar as j from {source} as t"  # noqa: S608 - quoted
    return _sums(connection, query).get(None, Sums())


def sums_by_day(
    connection: duckdb.DuckDBPyConnection, source: str, calls: str
) -> dict[str | None, Sums]:
    """The sums of some calls' rows by call date (YYYY-MM-DD, or None).

    Args:
        connection: where the databases are attached.
        source: SQL name of a table by call.
        calls: SQL query of the calls' IDs.
    """
    return _sums(
        connection,
        f"select t.call_date::varchar as day, to_json(t)::varchar as j from {source} as t"  # noqa: S608 - quoted
        f" where t.canonical_call_id in ({calls})",
    )


def _sums(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str | None, Sums]:
    rows = connection.execute(
        "select day, count(*), sum(md5_number_lower(j)::hugeint),"  # noqa: S608 - as above
        f" sum(md5_number_upper(j)::hugeint) from ({query}) group by day"
    ).fetchall()
    return {
        day: Sums(int(count), int(lower) % _MODULUS, int(upper) % _MODULUS)
        for day, count, lower, upper in rows
    }


def told(table: Table, content: Sums) -> dict[str, Any]:
    """What the manifest says of a table.

    The content hash does not depend on the rows' order: equal tables are equal whatever wrote them,
    and a row more or less shows. ``hash_sums`` is text, because JSON readers round such numbers.
    """
    text = json.dumps([table.columns, content.rows, content.lower, content.upper])
    return {
        "rows": content.rows,
        "content_hash": hashlib.sha256(text.encode()).hexdigest(),
        "hash_sums": [str(content.lower), str(content.upper)],
        "columns": table.names,
        "types": [kind for _, kind in table.columns],
    }


def sums_told(entry: dict[str, Any]) -> Sums:
    """The sums that ``told`` wrote into a manifest."""
    lower, upper = entry["hash_sums"]
    return Sums(int(entry["rows"]), int(lower), int(upper))


def is_told(table: Table, entry: dict[str, Any]) -> bool:
    """Whether a manifest's table has these columns, and sums to go on from."""
    types = [kind for _, kind in table.columns]
    same = entry.get("columns") == table.names and entry.get("types") == types
    return same and "hash_sums" in entry
