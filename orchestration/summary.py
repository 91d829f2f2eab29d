"""What a run built, in a page: from the published snapshot and the redaction step's sidecars."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.settings import Settings
from orchestration.build import redacted_dir

_CALLS = """
select route, count(*) as calls, sum(event_count) as events, sum(turn_count) as turns,
    round(100.0 * avg(case when missing_required_count = 0 then 1 else 0 end), 1) as complete_pct
from call_record group by route order by calls desc
"""
_MISSING = """
select canonical_role, reason, coalesce(boundary, '-') as boundary, count(*) as calls
from call_completeness where is_required and not is_present
group by 1, 2, 3 order by calls desc, 1, 2, 3 limit 8
"""
_RECONCILED = """
select count(*), coalesce(sum(received_count), 0), coalesce(sum(staged_count), 0),
    coalesce(sum(superseded_count), 0), coalesce(sum(rejected_count), 0)
from staging.stg_landing__reconciliation
"""
_TURNS = "select redaction_state, count(*) as turns from call_turn group by 1 order by 2 desc"


def print_summary(settings: Settings) -> None:
    """Print calls, events, aliases, completeness, and what was withheld or rejected."""
    path = Path(settings.published) / "current" / "callstory.duckdb"
    with duckdb.connect(str(path), read_only=True) as published:
        calls, events, turns, aliases, conflicts = (
            _count(published, table)
            for table in (
                "call_record",
                "call_event",
                "call_turn",
                "call_alias",
                "identity_conflict",
            )
        )
        print(f"\nPublished {path}")
        print(f"  {calls:,} calls, {events:,} events, {turns:,} turns, {aliases:,} aliases")
        _table("by route", published.execute(_CALLS))
        _table("required aliases that are missing", published.execute(_MISSING))
        _table("turns by redaction state", published.execute(_TURNS))
    print(f"  withheld from the identity graph: {conflicts:,} alias values (identity_conflict)")
    _print_landed(redacted_dir(settings))


def reconciled(warehouse: Path) -> str:
    """Where every landed record of the finished build went, in a line.

    The two sides are equal: a dbt test that fails the run sees to it, object by object.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(_RECONCILED).fetchone() or ()
    objects, received, staged, superseded, rejected = (int(count) for count in row)
    return (
        f"{objects:,} landed objects, received {received:,} = staged {staged:,}"
        f" + superseded {superseded:,} + rejected {rejected:,}"
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - fixed names
    return int(row[0]) if row else 0


def _table(title: str, result: duckdb.DuckDBPyConnection) -> None:
    names = [column[0] for column in result.description or []]
    rows = [
        [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row]
        for row in result.fetchall()
    ]
    if not rows:
        print(f"  {title}: none")
        return
    widths = [max(len(row[n]) for row in [names, *rows]) for n in range(len(names))]
    print(f"  {title}:")
    for row in [names, *rows]:
        print(
            "    "
            + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _print_landed(folder: Path) -> None:
    query = "select coalesce(sum({0}), 0)::bigint from read_json(?, columns={{'{0}': 'bigint'}})"
    objects = str(folder / "_objects" / "**" / "*.json")
    with duckdb.connect() as connection:
        received, rejected = (
            int((connection.execute(query.format(name), [objects]).fetchone() or [0])[0])
            for name in ("received", "rejected")
        )
    at_landing = sum(
        1 for path in (folder / "_rejects").rglob("*.json") if path.name != "_empty.json"
    )
    print(
        f"  {received:,} records landed; {at_landing + rejected:,} rejected"
        " and kept with a reason (stg_landing__reject)"
    )
