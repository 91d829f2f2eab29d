"""Runs the detector over every text cell of the marts and keeps what it found, without values.

SQL sets aside the cells that cannot hold a finding (``prefilter.py``), so that only suspicious ones
reach Python.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import duckdb

from expectations.detector import (
    NAMED_NAMESPACES,
    classes_in_alias,
    classes_in_payload,
    classes_in_text,
    classes_in_value,
    kind_of_key,
)
from expectations.prefilter import (
    id_filter,
    keypad_filter,
    literal,
    payload_filter,
    text_filter,
)

MARTS = "marts"
TEXT_TYPES = ("VARCHAR", "JSON", "VARCHAR[]")
ALIAS_COLUMN = "alias_value"
_AFTER_PLACE = ": "
_CHUNK_ROWS = 2000
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_.]{0,80}")


@dataclass(frozen=True)
class Finding:
    """One cell that still shows something: where it lies and what classes, never its text."""

    relation: str
    field: str
    day: str | None
    call: str | None
    row_key: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A text column of a mart. ``row_key`` and ``day`` are SQL over its table's own columns."""

    table: str
    name: str
    is_list: bool
    row_key: str
    call: str
    day: str


def scan(warehouse: Path) -> tuple[list[Finding], dict[tuple[str, str | None], int]]:
    """Look at every text column of every mart.

    Returns:
        The findings, and the number of cells by (``table.column``, call date).
    """
    findings: list[Finding] = []
    cells: dict[tuple[str, str | None], int] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table, columns in _by_table(text_columns(connection)):
            cells.update(_counts(connection, table, columns))
            for alike in _looked_at_alike(columns):
                findings.extend(_scan_columns(connection, table, alike))
    return findings, cells


def _counts(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[Column]
) -> Iterator[tuple[tuple[str, str | None], int]]:
    counts = ", ".join(f"count({_quoted(column.name)})" for column in columns)
    for day, *filled in connection.execute(
        f"select {columns[0].day}, {counts} from {MARTS}.{_quoted(table)} group by 1"  # noqa: S608
    ).fetchall():  # quoted
        for column, count in zip(columns, filled, strict=True):
            yield (f"{table}.{column.name}", day), int(count)


def filled_columns(warehouse: Path) -> set[str]:
    """The text columns (``table.column``) of the marts that hold a row."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            f"{table}.{column.name}"
            for table, columns in _by_table(text_columns(connection))
            if connection.execute(
                f"select 1 from {MARTS}.{_quoted(table)} limit 1"  # noqa: S608 - quoted
            ).fetchone()
            for column in columns
        }


def _by_table(columns: list[Column]) -> list[tuple[str, list[Column]]]:
    return [(table, list(own)) for table, own in groupby(columns, attrgetter("table"))]


def _looked_at_alike(columns: list[Column]) -> list[list[Column]]:
    """A table's columns by the filter that sets their cells aside.

    A filter is compiled anew for each query, in some 20 ms, which is far more than a small table's
    cells take.
    """
    ordered = sorted(columns, key=_look)
    return [list(alike) for _, alike in groupby(ordered, _look)]


def text_columns(connection: duckdb.DuckDBPyConnection) -> list[Column]:
    """Every column of the marts that can hold text, in order of table and position."""
    rows = connection.execute(
        "select table_name, list(column_name order by ordinal_position),"
        " list(data_type order by ordinal_position)"
        " from information_schema.columns where table_schema = ? group by 1 order by 1",
        [MARTS],
    ).fetchall()
    return [
        Column(table, name, kind == "VARCHAR[]", _row_key(names), _call(names), _day(names))
        for table, names, kinds in rows
        for name, kind in zip(names, kinds, strict=True)
        if kind in TEXT_TYPES
    ]


def _row_key(names: list[str]) -> str:
    # A key that leads to the row without telling the value: never the alias itself.
    for key in ("turn_id", "event_id", "canonical_call_id", "old_call_id"):
        if key in names:
            return _quoted(key)
    return "'row ' || rowid"


def _call(names: list[str]) -> str:
    return "canonical_call_id" if "canonical_call_id" in names else "null"


def _day(names: list[str]) -> str:
    return "call_date::varchar" if "call_date" in names else "null"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _scan_columns(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[Column]
) -> Iterator[Finding]:
    for number, day, call, row_key, kind, value in _suspicious(connection, table, columns):
        column = columns[number]
        for field, classes in _judge(column, kind, value).items():
            plain = field if _PLAIN_PATH.fullmatch(field) else "?"
            name = f"{column.name}.{plain}" if plain else column.name
            key = safe_key(str(row_key))
            yield Finding(table, name, day, call, key, tuple(sorted(classes)))


def _judge(column: Column, kind: str, value: str) -> dict[str, frozenset[str]]:
    if (column.table, column.name) == ("call_event", "payload"):
        return classes_in_payload(value, kind)
    if column.name == ALIAS_COLUMN:
        found = classes_in_alias(kind, value)
    else:
        found = classes_in_value(column.name, value)
    return {"": found} if found else {}


def told_key(told: str) -> str:
    """``<place>: <key>`` or a key alone, as a report may say it: what shows something is hashed."""
    place, separator, key = told.rpartition(_AFTER_PLACE)
    return f"{place}{separator}{safe_key(key)}"


def safe_key(key: str) -> str:
    """A record key for the report; one that shows something itself is told by its digest."""
    if classes_in_text(key.replace("_", " ")) and classes_in_value("record_id", key):
        return f"sha256:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return key


def _suspicious(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[Column]
) -> Iterator[tuple[int, str | None, str | None, str, str, str]]:
    """(place in ``columns``, day, call, row key, kind, value) of cells that may hold a finding."""
    first = columns[0]
    kind, condition = _look(first)
    cells = ", ".join(f"{{n: {n}, value: {_value(column)}}}" for n, column in enumerate(columns))
    query = connection.execute(
        "select cell.n, day, call, row_key, kind, cell.value from ("  # noqa: S608
        f"select {first.day} as day, {first.call} as call, {first.row_key} as row_key,"
        f" {kind} as kind, unnest([{cells}]) as cell from {MARTS}.{_quoted(table)})"
        f" where cell.value is not null and {condition}"
    )  # every identifier is the warehouse's own, quoted
    while rows := query.fetchmany(_CHUNK_ROWS):
        yield from rows


def _value(column: Column) -> str:
    name = _quoted(column.name)
    # A list of identifiers is one word, as each of them must be.
    between = "," if kind_of_key(column.name) == "id" else " "
    return f"array_to_string({name}, '{between}')" if column.is_list else f"{name}::varchar"


def _look(column: Column) -> tuple[str, str]:
    """SQL of what decides how a cell is looked at, and of the filter."""
    if (column.table, column.name) == ("call_event", "payload"):
        return "coalesce(event_type, '')", payload_filter("cell.value")
    if column.name == ALIAS_COLUMN:
        named = " or ".join(f"contains(kind, {literal(word)})" for word in NAMED_NAMESPACES)
        condition = f"((({named}) and {text_filter('cell.value')}) or {id_filter('cell.value')})"
        return "coalesce(namespace, '')", condition
    filters = {"id": id_filter, "keypad": keypad_filter, "text": text_filter}
    return "''", filters[kind_of_key(column.name)]("cell.value")
