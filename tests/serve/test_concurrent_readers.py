"""Readers in other processes while versions come and go: no error, no mix of two versions.

Every version has its number in three tables, and as many marked turns as follow from it. A reader
that sees two numbers, or a count of another version, has seen a mix.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from serve.publish import publish
from tests.conftest import ROOT
from tests.serve.changing_warehouse import build, keep_log, known_calls
from tests.serve.conftest import passing_report
from tests.serve.fixture_warehouse import DAYS, build_warehouse

READERS, PUBLICATIONS, KEPT = 10, 30, 8
READER = r"""
import json, os, sys, time
from pathlib import Path
import duckdb
from ingest.settings import Places
from serve.published import open_snapshot

zone, stop = Path(sys.argv[1]), Path(sys.argv[2])
MARKS = '''select
    (select list(distinct campaign order by campaign) from {record} where campaign is not null),
    (select list(distinct payload order by payload) from {event} where payload like 'version%'),
    (select count(*) from {turn} where text = 'marked'),
    (select count(*) from {record})'''


def check(name, marks):
    number = int(name.removeprefix('build-'))
    wanted = ([f'version {number}'], [f'version {number}'], number % 5, 8 + number % 3)
    if marks != wanted:
        raise AssertionError(f'{name}: {marks}, not {wanted}')
    return number


def in_database():
    with open_snapshot(Places(str(zone), zone)) as snapshot:
        tables = dict(record='call_record', event='call_event', turn='call_turn')
        marks = snapshot.connection.execute(MARKS.format(**tables)).fetchone()
        return check(snapshot.manifest['build_id'], marks)


def in_files(connection):
    version = zone / os.readlink(zone / 'current')
    tables = {
        name: f"read_parquet('{version}/parquet/call_{name}/**/*.parquet')"
        for name in ('record', 'event', 'turn')
    }
    return check(version.name, connection.execute(MARKS.format(**tables)).fetchone())


seen, reads = [], 0
print('ready', flush=True)
with duckdb.connect(config={'threads': 1}) as connection:
    while not stop.exists():
        began = time.monotonic()
        for read in (in_database, lambda: in_files(connection)):
            seen.append(read())
            reads += 1
        time.sleep(7 * (time.monotonic() - began))  # ten readers shall not starve the writer
assert seen == sorted(seen), 'a reader went back in time'
print(json.dumps({'reads': reads, 'versions': len(set(seen))}))
"""


def next_build(warehouse: Path, number: int, marked: list[str], optional: list[str]) -> None:
    """Build ``number``: its mark on some calls, and a count of others that follows from it."""

    def edit(connection) -> None:
        one = "where canonical_call_id in (select unnest(?::varchar[]))"
        mark = f"version {number}"
        connection.execute(f"update marts.call_record set campaign = ? {one}", [mark, marked])
        connection.execute(
            f"update marts.call_event set payload = ? {one} and sequence_number = 1", [mark, marked]
        )
        connection.execute(
            f"update marts.call_turn set text = case when canonical_call_id in"
            f" (select unnest(?::varchar[])) then 'marked' else 'plain' end {one}"
            " and turn_index = 1",
            [marked[: number % 5], marked],
        )
        connection.execute(f"delete from marts.call_record {one}", [optional])
        connection.execute(
            "insert into marts.call_record from main.spare order by canonical_call_id limit ?",
            [number % 3],
        )

    build(warehouse, f"build-{number:03d}", [*marked, *optional], edit)


def test_ten_readers_while_thirty_versions_are_published(tmp_path: Path) -> None:
    warehouse, zone, stop = tmp_path / "warehouse.duckdb", tmp_path / "zone", tmp_path / "stop"
    keep_log(build_warehouse(warehouse, calls=2))
    first, second = (known_calls(warehouse, day) for day in DAYS)
    marked, optional = [*first[:5], second[0]], second[-2:]
    set_up(warehouse, keep=[*first[:6], *second[:2]], spare=optional)
    went_on = []
    readers: list[subprocess.Popen[str]] = []
    try:
        for number in range(PUBLICATIONS + 1):
            next_build(warehouse, number, marked, optional)
            name = f"build-{number:03d}"
            publish(warehouse, str(zone), name, passing_report(name), KEPT)
            told = json.loads((zone / "current" / "manifest.json").read_text())
            went_on.append(told["went_on_from"] is not None)
            if not readers:
                readers = [start(zone, stop) for _ in range(READERS)]
                assert [reader.stdout.readline() for reader in readers] == ["ready\n"] * READERS
    finally:
        stop.touch()
        ends = [reader.communicate(timeout=30) for reader in readers]
    assert [error for _, error in ends if error] == []
    told = [json.loads(out) for out, _ in ends]
    assert min(one["reads"] for one in told) >= 12
    assert min(one["versions"] for one in told) >= 5
    assert sum(one["reads"] for one in told) >= 150
    assert went_on == [False] + [True] * PUBLICATIONS


def set_up(warehouse: Path, keep: list[str], spare: list[str]) -> None:
    """Eight calls that stay, two whose records come and go, and the columns that are looked at.

    DuckDB's time for so few rows goes by the columns, of which a call record has seventy.
    """
    columns = {
        "call_alias": "alias_value, namespace",
        "call_completeness": "canonical_role",
        "call_event": "sequence_number, payload",
        "call_record": "campaign",
        "call_turn": "turn_index, text",
    }

    def edit(connection) -> None:
        for table, names in columns.items():
            connection.execute(
                f"create or replace table marts.{table} as"
                f" select canonical_call_id, call_date, {names} from marts.{table}"
            )
        chosen = "canonical_call_id in (select unnest(?::varchar[]))"
        connection.execute(
            f"create table main.spare as from marts.call_record where {chosen}", [spare]
        )
        connection.execute(f"delete from marts.call_record where not {chosen}", [keep])

    build(warehouse, "set-up", [], edit, is_fresh=True)


def start(zone: Path, stop: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", READER, str(zone), str(stop)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
