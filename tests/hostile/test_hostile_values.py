"""Hostile values through every provider: rejected with a reason, or kept as inert text.

One estate holds them all: each hostile text in each string field of each stream, records broken in
each way, mutated ones, bombs; landed, redacted, built by one dbt run and published.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from ingest.registry import Stream, all_streams
from serve.cli import main
from serve.snapshot import write_snapshot
from serve.zone import LocalZone
from tests.hostile import values
from tests.hostile.build import Built, HostileBuilds
from tests.hostile.delivery import DAY
from tests.incremental.runner import DbtBuilds
from tests.ingest.helpers import landed

pytestmark = pytest.mark.xdist_group("hostile")
FUZZ_SEED = 4001
MUTANTS = 40
BOMBS = {"inflates_too_much": 2, "cannot_inflate": 2}
REASONS = {
    "invalid_json", "invalid_utf8", "not_an_object", "too_large", "too_deep", "no_key", "no_day",
    "inflates_too_much", "cannot_inflate", "bad_json", "no_parts",
}  # fmt: skip
STREAMS = pytest.mark.parametrize("stream", all_streams(), ids=lambda s: f"{s.provider}.{s.name}")


@pytest.fixture(scope="module")
def built(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = tmp_path_factory.mktemp("hostile")
    outside = files_beside(home)
    found = HostileBuilds(home, dbt).build(FUZZ_SEED, MUTANTS)
    zone = LocalZone(Path(found.settings.published))
    stamp = {"build_id": "b1", "built_at": datetime.now(UTC), "code_version": "c", "days": "d"}
    gates = {"passed": True, "warnings": [], "since_build": None}
    with zone.workspace() as folder:
        write_snapshot(found.settings.warehouse, folder, stamp, gates)
        zone.add("b1", folder)
    zone.point("b1")
    return replace(found, outside=frozenset(outside))


def files_beside(home: Path) -> set[str]:
    """What lies where an escaping path would lead: beside the home, and at the top of /tmp."""
    return {entry.name for folder in (home.parent, Path("/tmp")) for entry in os.scandir(folder)}


def cells(path: Path, *schemas: str) -> Iterator[tuple[str, str]]:
    """(table, row as JSON) of every table of some schemas of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where schema_name in (select unnest(?)) order by all",
            [list(schemas)],
        ).fetchall():
            rows = connection.execute(f'select to_json(t)::varchar from "{schema}"."{table}" as t')
            for (row,) in rows.fetchall():
                yield f"{schema}.{table}", row


@STREAMS
def test_every_record_is_landed_or_rejected_with_its_reason(built: Built, stream: Stream) -> None:
    outcome, estate = built.outcomes[stream.name], built.estate
    lines = sum(len(found) for found in landed(built.settings, stream.prefix).values())
    assert outcome.records_landed == lines
    rejects = list((Path(built.settings.landing) / stream.prefix / "_rejects").iterdir())
    reasons = Counter(path.name.split(".")[-2] for path in rejects)
    expected = dict(estate.reasons[stream.name])
    if stream.kind == "drop":
        for reason, count in BOMBS.items():
            expected[reason] = expected.get(reason, 0) + count
    # Beside them, only what a hostile or mutated key or day makes of a record that is whole.
    assert {r: n for r, n in reasons.items() if r not in {"no_key", "no_day"}} == expected
    assert set(reasons) <= REASONS
    # An HTTP pull leaves what is of a later day for that day.
    delivered = {*estate.clean[stream.name], *estate.hostile[stream.name]}
    assert outcome.records_seen >= lines + sum(reasons.values())
    assert outcome.records_seen >= len(delivered) * (1.0 if stream.kind == "drop" else 0.9)


@STREAMS
def test_neighbours_of_hostile_records_are_staged(built: Built, stream: Stream) -> None:
    wanted = built.clean_records(stream)
    assert len(wanted) >= 2
    assert wanted - built.staged() == set()


def test_every_landed_line_is_accounted_for(built: Built) -> None:
    received, unaccounted = built.received()
    assert received > 500
    assert unaccounted == 0
    # None of them is a shape that the redactor does not know.
    assert (
        built.rows("select * from staging.stg_landing__reject where reason = 'cannot_redact'") == []
    )


def test_the_reject_table_has_codes_and_no_values(built: Built) -> None:
    rows = built.rows("select distinct reason from staging.stg_landing__reject")
    assert {reason for (reason,) in rows} <= REASONS
    assert {"invalid_json", "invalid_utf8", "too_deep", "too_large", "inflates_too_much"} <= {
        reason for (reason,) in rows
    }
    told = [row for table, row in cells(built.settings.warehouse, "staging") if "reject" in table]
    assert told
    for text in values.TEXTS.values():
        assert not any(json.dumps(text)[1:-1][:200] in row for row in told if len(text) > 8)


def test_no_text_was_evaluated_and_no_secret_told(built: Built) -> None:
    key = built.settings.token_key.decode()
    for path in (built.settings.warehouse, built.home / "published/current/callstory.duckdb"):
        schemas = ("main", "staging", "identity", "events", "marts", "meta", "scope", "seeds")
        found = {
            table for table, row in cells(path, *schemas) if values.EVALUATED in row or key in row
        }
        assert found == set()


def test_the_marts_are_all_there_and_hold_the_clean_calls(built: Built) -> None:
    tables = {name for (name,) in built.rows("select table_name from duckdb_tables()"
                                             " where schema_name = 'marts'")}  # fmt: skip
    assert {"call_record", "call_event", "call_turn", "call_alias"} <= tables
    truth = (built.home / "generated" / "truth" / "calls.jsonl").read_text().splitlines()
    sids = {
        value
        for call in map(json.loads, truth)
        for namespace, value in call["aliases"]
        if namespace == "twilio_call_sid"
    }
    known, withheld = (
        {value for (value,) in built.rows(f"select alias_value from marts.{table}")}
        for table in ("call_alias", "identity_conflict")
    )
    # An alias of a call that hostile records were made from ties too much together, and says so.
    assert len(sids & known) > len(sids) / 2
    assert sids - known - withheld == set()


def test_no_file_lies_outside_the_data_folder(built: Built) -> None:
    new = files_beside(built.home) - built.outside
    assert not [name for name in new if values.ESCAPED_FILE in name]
    inside = [
        path
        for path in built.home.rglob("*")
        if values.ESCAPED_FILE in path.name and "drops" not in path.parts
    ]
    assert inside == []


def test_a_hostile_text_is_published_as_the_text_that_it_is(built: Built) -> None:
    """Some of them are seen by readers, letter for letter; or there would be nothing to test."""
    path = built.home / "published/current/callstory.duckdb"
    published = "\n".join(row for _, row in cells(path, "main"))
    kept = {name for name, text in values.TEXTS.items() if json.dumps(text)[1:-1] in published}
    assert {"script", "attribute", "glob"} <= kept
    # Nobody calculated: the factors look like a card's number, and what is around them is there.
    assert "{{ [CARD] }}" in published


def is_plain(text: str) -> bool:
    """Whether a terminal shows the text and does nothing else."""
    return all(c == "\n" or unicodedata.category(c)[0] != "C" for c in text)


def test_what_the_command_prints_moves_no_cursor(built: Built) -> None:
    """Every call that shows something hostile, as text and as JSON; and hostile questions."""
    places = {
        "CALLSTORY_PUBLISHED": str(built.settings.published),
        "CALLSTORY_DATA": str(built.home),
        "CALLSTORY_WAREHOUSE": str(built.settings.warehouse),
        "CALLSTORY_TOKEN_KEY": built.settings.token_key.decode(),
    }
    calls = [call for (call,) in built.rows(
        "select canonical_call_id from marts.call_event where payload like '%owned%'"
        " or payload like '%evil%' group by 1 order by 1 limit 6")]  # fmt: skip
    assert calls
    questions = [name for name in values.TEXTS.values() if len(name) < 1000 and "\0" not in name]
    asked = [("find", call) for call in calls] + [("find", text) for text in questions[::2]]
    asked += [("why", text, calls[0]) for text in questions[::4]]
    seen = 0
    for arguments in asked:
        for more in ((), ("--json",)):
            result = CliRunner().invoke(
                main, [arguments[0], *more, "--", *arguments[1:]], env=places
            )
            assert result.exit_code in {0, 1}, (arguments, result.exception)
            assert is_plain(result.output), arguments
            seen += "\\x1b" in result.output or "\\u001b" in result.output
    assert seen > 0


def test_nothing_writes_csv_or_html_from_provider_values(built: Built) -> None:
    """Formulas and tags need such a file; a new output of that kind needs a test of its own."""
    found = [p for p in built.home.rglob("*") if p.suffix in {".csv", ".html", ".xlsx"}]
    project = built.home / "dbt"
    assert [p for p in found if project not in p.parents] == []


def test_the_day_is_the_hostile_estates(built: Built) -> None:
    assert all(stream.day is not None for stream in all_streams())
    assert built.rows(f"select count(*) from marts.call_record where call_date = date '{DAY}'")[0][
        0
    ]
