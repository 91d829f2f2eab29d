"""The fixture's warehouse over several builds: calls come, change, move and go.

Each ``build`` is one build. What it does to the calls that it names stands in the log, as an
incremental pipeline writes it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from tests.serve.fixture_warehouse import ROUTES, TABLES, _add_call, _insert, call_id

BY_CALL = ("call_alias", "call_completeness", "call_event", "call_record", "call_turn")
Edit = Callable[[duckdb.DuckDBPyConnection], None]


def keep_log(warehouse: Path, *, events_as_view: bool = False) -> Path:
    """Give the warehouse its log: the build it holds is the first one, made afresh."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create table meta.build_log as select 1::bigint as sequence, build_id,"
            " true as is_fresh from meta.build;"
            "create table meta.changed_call (sequence bigint, canonical_call_id varchar,"
            " call_date date)"
        )
        if events_as_view:  # as the pipeline has it: a mart need not be a table
            connection.execute(
                "create table main.envelope as from marts.call_event; drop table marts.call_event;"
                "create view marts.call_event as select * from main.envelope"
            )
    return warehouse


def build(
    warehouse: Path, name: str, calls: Iterable[str], *edits: Edit, is_fresh: bool = False
) -> int:
    """Apply edits to some calls as one build, log it, and return its sequence."""
    chosen = list(calls)
    with duckdb.connect(str(warehouse)) as connection:
        known = "select canonical_call_id, call_date from marts.call_record"
        known += " where canonical_call_id in (select unnest(?::varchar[]))"
        rows = connection.execute(known, [chosen]).fetchall()
        for edit in edits:
            edit(connection)
        rows += connection.execute(known, [chosen]).fetchall()
        sequence = connection.execute("select max(sequence) + 1 from meta.build_log").fetchone()[0]
        for call, day in rows:
            connection.execute(
                "insert into meta.changed_call values (?, ?, ?)", [sequence, call, day]
            )
        connection.execute(
            "insert into meta.build_log values (?, ?, ?)", [sequence, name, is_fresh]
        )
        connection.execute(
            "update meta.build set build_id = ?, built_at = ?",
            [name, datetime.now(UTC).replace(tzinfo=None)],
        )
    return int(sequence)


def add(day: date, route: str, numbers: Iterable[int]) -> Edit:
    """Add calls of the fixture's story."""

    def edit(connection: duckdb.DuckDBPyConnection) -> None:
        rows: dict[str, list[dict[str, object]]] = {table: [] for table in TABLES}
        for number in numbers:
            _add_call(rows, day, route, number)
        for table, records in rows.items():
            if _stored(connection, table) == f"marts.{table}":
                _insert(connection, table, records)
            else:
                connection.execute("create temp table added as from main.envelope limit 0")
                for record in records:
                    names, values = ", ".join(record), list(record.values())
                    marks = ", ".join("?" * len(values))
                    connection.execute(f"insert into added ({names}) values ({marks})", values)
                connection.execute("insert into main.envelope from added; drop table added")

    return edit


def change(calls: list[str], mark: str) -> Edit:
    """Rewrite what some calls said and did: rows of three tables change, some go."""

    def edit(connection: duckdb.DuckDBPyConnection) -> None:
        events, where = _stored(connection, "call_event"), _where()
        payload = json.dumps({"mark": mark})
        connection.execute(
            f"update marts.call_record set campaign = ?, event_count = event_count - 1 {where}",
            [mark, calls],
        )
        connection.execute(
            f"update {events} set payload = ? {where} and sequence_number <= 3", [payload, calls]
        )
        connection.execute(f"delete from {events} {where} and sequence_number = 8", [calls])
        connection.execute(
            f"update marts.call_turn set text = ? {where} and turn_index = 1", [mark, calls]
        )

    return edit


def remove(calls: list[str], tables: Iterable[str] = BY_CALL) -> Edit:
    """Take every row of some calls away, or those of some tables."""

    def edit(connection: duckdb.DuckDBPyConnection) -> None:
        for table in tables:
            connection.execute(f"delete from {_stored(connection, table)} {_where()}", [calls])

    return edit


def move(calls: list[str], day: date | None) -> Edit:
    """Give some calls another date, as an earlier first record does."""

    def edit(connection: duckdb.DuckDBPyConnection) -> None:
        for table in BY_CALL:
            connection.execute(
                f"update {_stored(connection, table)} set call_date = ? {_where()}", [day, calls]
            )

    return edit


def redirect(old: str, new: str) -> Edit:
    """Say that an old call ID is another one now."""
    return lambda connection: connection.execute(
        "insert into marts.call_redirect values (?, ?, 'merged')", [old, new]
    )


def random_build(warehouse: Path, name: str, chance: random.Random, days: list[date]) -> None:
    """One build of a few random changes."""
    calls = known_calls(warehouse)
    chosen = chance.sample(calls, min(len(calls), chance.randint(1, 12)))
    day, route = chance.choice(days), chance.choice(ROUTES)
    numbers = [chance.randrange(1000, 10**6) for _ in range(chance.randint(0, 5))]
    at = [chance.randrange(len(chosen) + 1) for _ in range(2)]
    some, others, rest = chosen[: min(at)], chosen[min(at) : max(at)], chosen[max(at) :]
    edits = [add(day, route, numbers), change(some, name), remove(others)]
    edits += [move(rest, chance.choice(days))]
    if chance.random() < 0.4:
        edits.append(redirect(f"call_old_{name}", chosen[0]))
    added = [call_id(day, route, number) for number in numbers]
    build(warehouse, name, [*chosen, *added], *edits)


def known_calls(warehouse: Path, day: date | None = None) -> list[str]:
    """The calls of a day, or all of them, in order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select canonical_call_id from marts.call_record"
            " where ?::date is null or call_date = ? order by 1",
            [day, day],
        ).fetchall()
    return [call for (call,) in rows]


def _where() -> str:
    return "where canonical_call_id in (select unnest(?::varchar[]))"


def _stored(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Where the rows of a mart are stored: beneath it when it is a view."""
    view = "select 1 from duckdb_views() where schema_name = 'marts' and view_name = ?"
    return "main.envelope" if connection.execute(view, [table]).fetchone() else f"marts.{table}"
