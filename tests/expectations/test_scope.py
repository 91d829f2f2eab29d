"""Gates that look at what changed since a published build let nothing through that they would see.

``estate`` holds a published build 1 whose gates looked at everything.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from expectations.gates import rules, run_gates, summary
from expectations.limits import WARN, Limits
from expectations.report import GateReport
from expectations.scope import scope
from serve.changes import changes_since
from serve.publish import PublishRefused, publish
from serve.tables import REQUIRED
from serve.zone import LocalZone
from tests.expectations.conftest import LIMITS, Estate, blocking
from tests.serve.changing_warehouse import (
    build,
    change,
    keep_log,
    known_calls,
    move,
    redirect,
    remove,
)
from tests.serve.fixture_warehouse import BUILD, DAYS

CARD = "my card is 4111 1111 1111 1111"
X, Y = DAYS
UNCHANGED = "canonical_call_id not in (select canonical_call_id from meta.changed_call)"
LOSE = """
update marts.call_completeness set is_present = false, reason = 'unknown'
where canonical_role = 'agentSessionId' and canonical_call_id in (select unnest(?::varchar[]))
"""


@pytest.fixture
def logged(estate: Estate) -> Estate:
    """The estate with a log, whose first build is the published one."""
    estate.plant("update meta.build set build_id = ?", BUILD)
    keep_log(estate.warehouse)
    path = estate.published / "versions" / BUILD / "manifest.json"
    manifest = json.loads(path.read_text()) | {"sequence": 1}
    path.write_text(json.dumps(manifest))
    return estate


def base_of(estate: Estate) -> int | None:
    zone = LocalZone(estate.published)
    base = changes_since(estate.warehouse, zone, rules=rules(LIMITS))
    return base.sequence if base else None


def gate(estate: Estate, name: str) -> GateReport:
    return run_gates(
        estate.warehouse,
        name,
        estate.folder / "gates",
        limits=LIMITS,
        since=base_of(estate),
    )


def put(estate: Estate, report: GateReport) -> dict:
    publish(estate.warehouse, str(estate.published), report.build_id, report.to_json(), 5)
    return json.loads((estate.published / "current" / "manifest.json").read_text())


def scoped(estate: Estate, folder: Path, since: int | None = 1) -> dict[str, int] | None:
    """Rows by mart of what is set apart; None when the whole warehouse is looked at."""
    chosen = scope(estate.warehouse, folder, since)
    assert (chosen.coverage is None) == (chosen.database == estate.warehouse)
    if chosen.coverage is None:
        return None
    with duckdb.connect(str(chosen.database), read_only=True) as connection:
        return {
            name: connection.execute(f"select count(*) from marts.{name}").fetchone()[0]
            for name in REQUIRED
        }


def test_a_blocked_build_is_seen_until_it_is_mended(logged: Estate) -> None:
    """Build 2 spoils day X and is withheld; build 3, of day Y only, still shows what 2 spoiled."""
    bad, other = known_calls(logged.warehouse, X)[:2], known_calls(logged.warehouse, Y)[:3]
    build(logged.warehouse, "b2", bad, change(bad, CARD))
    second = gate(logged, "b2")
    assert [(line.check, line.day, line.failed) for line in blocking(second)] == [
        ("detector", str(X), 2 * (1 + 3 + 1)),
        ("call_turn_pattern", str(X), 2),
    ]
    build(logged.warehouse, "b3", other, change(other, "fine"))
    third = gate(logged, "b3")
    assert third.covers == f"5 calls changed since build {BUILD}"
    assert [line.day for line in blocking(third)] == [str(X), str(X)]
    with pytest.raises(PublishRefused, match=f"redaction/detector on {X}"):
        put(logged, third)
    build(logged.warehouse, "b4", bad, change(bad, "mended"))
    fourth = gate(logged, "b4")
    assert blocking(fourth) == []
    told = put(logged, fourth)
    assert told["went_on_from"] == BUILD
    assert told["gates"]["covers"] == f"5 calls changed since build {BUILD}"
    shown = f"  Looked at: 5 calls changed since build {BUILD}"
    assert summary(GateReport.from_json(fourth.to_json())).splitlines()[1] == shown
    assert GateReport.from_json(json.loads(json.dumps(fourth.to_json()))) == fourth
    build(logged.warehouse, "b5", other, change(other, "again"))
    assert base_of(logged) == 4


def test_shares_count_all_calls_of_a_changed_day(logged: Estate) -> None:
    """Three calls of 100 lost theirs in a build before; three more make it six per cent."""
    calls = [call for call in known_calls(logged.warehouse, X) if "1XYZ" in call]
    for name, lost in (("b2", calls[:3]), ("b3", calls[3:6])):
        build(logged.warehouse, name, lost, lambda c, lost=lost: c.execute(LOSE, [lost]))
        report = gate(logged, name)
        (line,) = [line for line in report.gates if not line.passed]
        if name == "b2":
            assert (line.severity, line.failed, line.checked) == ("warn", 3, 100)
            assert report.covers == f"3 calls changed since build {BUILD}"
            put(logged, report)
    assert report.covers == "3 calls changed since build b2"
    assert (line.severity, line.failed, line.checked) == ("error", 6, 100)


def test_warnings_of_days_that_nobody_looked_at_again_stay(logged: Estate) -> None:
    lost = [call for call in known_calls(logged.warehouse, X) if "1XYZ" in call][:3]
    build(logged.warehouse, "b2", lost, lambda c: c.execute(LOSE, [lost]))
    warned = put(logged, gate(logged, "b2"))["gates"]["warnings"]
    assert len(warned) == 1
    others = known_calls(logged.warehouse, Y)[:1]
    build(logged.warehouse, "b3", others, change(others, "fine"))
    assert put(logged, gate(logged, "b3"))["gates"]["warnings"] == warned
    mend = LOSE.replace("false", "true").replace("'unknown'", "null")
    build(logged.warehouse, "b4", lost, lambda c: c.execute(mend, [lost]))
    assert put(logged, gate(logged, "b4"))["gates"]["warnings"] == []


def test_what_is_set_apart(logged: Estate, tmp_path: Path) -> None:
    calls = known_calls(logged.warehouse, X)
    sessions = [call for call in calls if "1XYZ" in call]  # every kind of alias
    for name, some in (("b2", sessions[:2]), ("b3", sessions[1:3])):
        build(logged.warehouse, name, some, change(some, "x"), redirect(f"old_{name}", some[0]))
    assert scoped(logged, tmp_path, since=2) == {
        "call_alias": 2 * 4,
        "call_completeness": len(calls) * 4,
        "call_event": 2 * 7,
        "call_link": 0,
        "call_record": len(calls),
        "call_redirect": 2,
        "call_turn": 2 * 2,
        "gate_exception": 0,
        "identity_conflict": 0,
        "match_calibration": 0,
        "match_quality": 0,
    }
    (tmp_path / "changed.duckdb").unlink()
    both_days = scoped(logged, tmp_path, since=1)
    assert both_days is not None
    assert (both_days["call_turn"], both_days["call_record"]) == (3 * 2, len(calls))
    build(logged.warehouse, "b4", calls[:1], move(calls[:1], Y))
    (tmp_path / "changed.duckdb").unlink()
    moved = scoped(logged, tmp_path, since=3)
    assert moved is not None
    assert (moved["call_record"], moved["call_turn"]) == (2 * len(calls), 2)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from meta.changed_call",
        "drop table meta.changed_call",
        "drop table meta.build_log",
        "delete from meta.build_log where sequence = 1",
        "update meta.build_log set is_fresh = true where sequence = 2",
        "update meta.build_log set is_fresh = null where sequence = 2",
        "delete from marts.call_record where call_date = '2026-05-01'",
        f"update marts.call_turn set redaction_policy_version = '1' where not {UNCHANGED}",
        f"update marts.call_event set redaction_policy_version = '1' where {UNCHANGED}",
    ],
)
def test_the_whole_is_looked_at(logged: Estate, tmp_path: Path, statement: str) -> None:
    """When the log says too little, or when a row's verdict hangs on rows that did not change."""
    calls = known_calls(logged.warehouse, X)[:1]
    build(logged.warehouse, "b2", calls, change(calls, "x"))
    assert scoped(logged, tmp_path) is not None
    (tmp_path / "changed.duckdb").unlink()
    logged.plant(statement)
    assert scoped(logged, tmp_path) is None
    assert scoped(logged, tmp_path, since=None) is None


def test_a_changed_call_without_texts_is_judged(logged: Estate) -> None:
    """Nothing to look at among the changes is no fault, as long as the warehouse has texts."""
    call = known_calls(logged.warehouse, X)[:1]
    silent = remove(call, ("call_turn", "call_event", "call_alias"))
    build(logged.warehouse, "b2", call, silent)
    report = gate(logged, "b2")
    assert report.covers == f"1 call changed since build {BUILD}"
    assert blocking(report) == []
    logged.plant("delete from marts.call_turn")
    (line,) = blocking(gate(logged, "b2"))
    assert (line.name, line.check) == ("redaction", "crashed")


def test_other_rules_make_the_gates_look_at_everything(logged: Estate) -> None:
    calls = known_calls(logged.warehouse, X)[:1]
    build(logged.warehouse, "b2", calls, change(calls, "x"))
    zone, others = (
        LocalZone(logged.published),
        Limits("2026-01-02.3", {**LIMITS.values, WARN: 0.02}),
    )
    assert changes_since(logged.warehouse, zone, rules=rules(LIMITS)) is not None
    assert changes_since(logged.warehouse, zone, rules=rules(others)) is None
    report = gate(logged, "b2").to_json()
    for wrong in ({"rules": "others"}, {"rules": None}, {"since_build": "never-published"}):
        with pytest.raises(PublishRefused, match="run the gates over the whole warehouse"):
            publish(logged.warehouse, str(logged.published), "b2", report | wrong, 5)
    assert zone.current() == BUILD
