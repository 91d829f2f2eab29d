"""Mutants of a clean build: each of them alone blocks, and the pointer keeps every byte.

Faults of single cells are planted all at once and judged by one scan, because each has a line of
its own in the tally; faults of a whole gate or report are judged one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import redaction
from expectations.detector import classes_in_value, kind_of_key
from expectations.report import GateReport
from expectations.scan import scan, text_columns
from serve.publish import PublishRefused
from tests.expectations.conftest import Estate, blocking
from tests.serve.fixture_warehouse import BUILT_AT, TABLES

TEXTS = [
    "my card is 4111 1111 1111 1111", "call (415) 555-2671", "four one one one uh one one one one",
    "write to jane@example.com", "jane dot doe at example dot com", "it is 078-05-1120",
    "my pin is 4 9 2 9", "my name is garcia", "at 1420 maple avenue", "from 10.20.1.7 again",
    "password is hunter2x", "zip code 94107", "\\u0034\\u0031\\u0031\\u0031111111111111 it is",
    "see https://bob:hush@example.com/x", "mrn 88213 please", "spelled g a r c i a",
]  # fmt: skip
IDENTIFIERS = ["sip:+14155552671@pstn", "x:4111111111111111", "jane@example.com", "+442079460958"]
# What these hold decides how others are looked at.
NOT_PLANTED = {("call_event", "event_type"), ("call_alias", "namespace")}


def refused(estate: Estate, report: dict[str, Any] | None) -> None:
    """Publication of the report is refused, and nothing that is published changes by a byte."""
    before = estate.current()
    with pytest.raises(PublishRefused):
        estate.publish(report)
    assert estate.current() == before


def planted_columns(estate: Estate) -> dict[tuple[str, str], str]:
    """A fault in one row of every text column: (table, column) -> what was planted."""
    faults: dict[tuple[str, str], str] = {}
    with duckdb.connect(str(estate.warehouse)) as connection:
        for number, column in enumerate(text_columns(connection)):
            place = (column.table, column.name)
            if place in NOT_PLANTED:
                continue
            if not connection.execute(f"select 1 from marts.{column.table} limit 1").fetchone():
                columns = [part.split()[0] for part in TABLES[column.table].split(",")]
                row = ", ".join(f"null as {name}" for name in columns)
                connection.execute(f"insert into marts.{column.table} by name select {row}")
            is_id = kind_of_key(column.name) == "id" or column.name == "alias_value"
            faults[place] = (IDENTIFIERS if is_id else TEXTS)[number % (4 if is_id else 16)]
            value = "[?]" if column.is_list else "?"
            if place == ("call_event", "payload"):
                value = "json_object('note', ?::varchar)"
            connection.execute(
                f"update marts.{column.table} set {column.name} = {value} where rowid ="
                f" (select {number} % count(*) from marts.{column.table})",
                [faults[place]],
            )
    return faults


def test_a_fault_in_any_text_column_of_any_mart_blocks(estate: Estate) -> None:
    faults = planted_columns(estate)
    assert len(faults) > 80
    for (_, name), text in faults.items():
        assert name in {"payload", "alias_value"} or classes_in_value(name, text), name
    findings, _ = scan(estate.warehouse)
    found = {(finding.relation, finding.field.split(".")[0]) for finding in findings}
    assert set(faults) - found == set()
    report = estate.gate()
    lines = {line.check for line in blocking(report)}
    assert "detector" in lines
    refused(estate, report.to_json())
    told = json.dumps(report.to_json())
    assert not [text for text in (*TEXTS, *IDENTIFIERS) if text in told]


CALL = "where canonical_call_id = (select min(canonical_call_id) from marts.call_record)"
DAY = "call_date = '2026-05-01'"


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("drop table marts.call_event", "crashed"),
        ("drop table marts.call_alias", "crashed"),
        ("drop table marts.call_record", "crashed"),
        ("drop schema marts cascade", "crashed"),
        ("delete from marts.call_turn", "crashed"),
        ("delete from marts.call_event", "crashed"),
        ("alter table marts.call_turn drop column call_date", "crashed"),
        (f"update marts.call_completeness set canonical_call_id = null {CALL}", "calls_judged"),
        (f"update marts.call_completeness set is_required = null {CALL}", "all_measured"),
        (f"update marts.call_turn set redaction_state = 'withheld' where {DAY}", "turns_withheld"),
        (f"update marts.call_turn set redaction_state = '' {CALL}", "call_turn_state"),
        (f"update marts.call_event set redaction_policy_version = '' {CALL}", "policy_version"),
    ],
)  # fmt: skip
def test_a_broken_warehouse_blocks(estate: Estate, statement: str, check: str) -> None:
    estate.plant(statement)
    report = estate.gate()
    assert check in {line.check for line in blocking(report)}
    refused(estate, report.to_json())


@pytest.mark.parametrize(("withheld", "passes"), [(1, True), (4, True), (5, False)])
def test_share_of_withheld_turns(estate: Estate, withheld: int, passes: bool) -> None:
    """800 turns a day: up to 0.5 % may be withheld."""
    estate.plant(
        "update marts.call_turn set redaction_state = 'withheld', text = null where turn_id in"
        f" (select turn_id from marts.call_turn where {DAY} order by turn_id limit {withheld})"
    )
    report = estate.gate()
    lines = [line for line in report.gates if line.check == "turns_withheld"]
    assert [line.passed for line in lines] == [passes]
    if not passes:
        (line,) = lines
        assert (line.day, line.failed, line.checked) == ("2026-05-01", 5, 800)
        assert len(line.offenders) == 5
        refused(estate, report.to_json())


@pytest.mark.parametrize("error", [TimeoutError, MemoryError, RecursionError, OSError])
def test_a_detector_that_fails_blocks(
    estate: Estate, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise error("at 4111 1111 1111 1111")

    monkeypatch.setattr(redaction, "scan", failing)
    report = estate.gate()
    assert ("redaction", "crashed") in {(line.name, line.check) for line in blocking(report)}
    assert "4111" not in json.dumps(report.to_json())
    refused(estate, report.to_json())


def without_gate(report: dict[str, Any], name: str) -> dict[str, Any]:
    return report | {"gates": [line for line in report["gates"] if line["name"] != name]}


def failing_line(report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *others = report["gates"]
    return report | {"gates": [{**first, "passed": False, **changes}, *others]}


REPORTS: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    "none": lambda report: None,
    "empty": lambda report: {},
    "of another build": lambda report: report | {"build_id": "build-c"},
    "without a build": lambda report: report | {"build_id": None},
    "stale": lambda report: report | {"created_at": (BUILT_AT - timedelta(seconds=1)).isoformat()},
    "without a time": lambda report: report | {"created_at": None},
    "with a broken time": lambda report: report | {"created_at": "yesterday"},
    "not passed": lambda report: report | {"passed": False},
    "passed in words": lambda report: report | {"passed": "true"},
    "passed, with a line that blocks": failing_line,
    "passed, with a line of unknown severity": lambda r: failing_line(r, severity="info"),
    "passed, with a line that says nothing": lambda r: failing_line(r, passed=None),
    "without lines": lambda report: report | {"gates": []},
    "without redaction": lambda report: without_gate(report, "redaction"),
    "without completeness": lambda report: without_gate(report, "alias_completeness"),
    "of changes since a build that is not published": lambda report: (
        report | {"since_build": "build-z", "covers": "1 call", "calls": 1, "days": ["2026-05-01"]}
    ),
}


@pytest.fixture(scope="module")
def passing(clean_estate: Path) -> dict[str, Any]:
    """The report of a clean build, under the name of the build that the warehouse holds."""
    report: dict[str, Any] = json.loads((clean_estate / "gates" / "build-a.json").read_text())
    assert GateReport.from_json(report).passed
    return report | {"build_id": "build-b"}


@pytest.mark.parametrize("mutant", REPORTS)
def test_a_report_that_proves_nothing_is_refused(
    estate: Estate, passing: dict[str, Any], mutant: str
) -> None:
    refused(estate, REPORTS[mutant](passing))


def test_the_report_that_the_mutants_come_from_is_published(
    estate: Estate, passing: dict[str, Any]
) -> None:
    before = estate.current()
    estate.publish(passing)
    assert estate.current() != before
