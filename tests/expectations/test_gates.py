"""Both gates in both directions: clean data passes, each planted fault blocks and changes nothing.

The message must say which gate, which day, how many; neither the report nor the Data Docs may
repeat what was planted (S0-145).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from expectations import alias_completeness, redaction
from expectations.report import GateReport
from serve.publish import PublishRefused
from tests.expectations.conftest import Estate, blocking

DAY = "2026-05-01"
FIRST_TURN = "(select min(turn_id) from marts.call_turn where call_date = '2026-05-01')"
MENU = (
    "(select min(event_id) from marts.call_event where call_date = '2026-05-01'"
    " and event_type = 'ivr.menu_option_selected')"
)
TURN = f"update marts.call_turn set text = ? where turn_id = {FIRST_TURN}"
PAYLOAD = f"update marts.call_event set payload = ? where event_id = {MENU}"
LOSE = """
update marts.call_completeness set is_present = false, reason = ?
where canonical_role = ? and canonical_call_id in (
    select canonical_call_id from marts.call_record
    where route = 'ivr_to_agent' and call_date = '2026-05-01'
    order by canonical_call_id limit ?)
"""


def refused(estate: Estate, report: GateReport) -> str:
    """Publication of the report is refused, nothing published changes; what the refusal says."""
    before = estate.current()
    with pytest.raises(PublishRefused) as caught:
        estate.publish(report.to_json())
    assert estate.current() == before
    return str(caught.value)


def everything_written(estate: Estate) -> str:
    files = [path for path in (estate.folder / "gates").rglob("*") if path.is_file()]
    assert any(path.suffix == ".html" for path in files)
    return "\n".join(path.read_text(errors="replace") for path in files)


def test_clean_data_passes_and_is_published(estate: Estate) -> None:
    report = estate.gate()
    assert [line.sentence() for line in report.gates if not line.passed] == []
    assert {line.name for line in report.gates} == {"redaction", "alias_completeness"}
    estate.publish(report.to_json())
    assert str((estate.published / "current").readlink()) == "versions/build-b"


@pytest.mark.parametrize(
    ("statement", "planted", "field"),
    [
        (TURN, "my card is 4111 1111 1111 1111 thanks", "call_turn.text"),
        (TURN, "four one one one one one one one oh oh seven", "call_turn.text"),
        (TURN, "my social is 078-05-1120", "call_turn.text"),
        (TURN, "write to jane.doe@example.com", "call_turn.text"),
        (TURN, "jane dot doe at example dot com", "call_turn.text"),
        (PAYLOAD, '{"note": "call me on +1 415 555 2671"}', "call_event.payload.note"),
        (PAYLOAD, '{"args": "{\\"to\\": \\"4155552671\\"}"}', "call_event.payload.args.to"),
        (PAYLOAD, '{"selected_option": "4929"}', "call_event.payload.selected_option"),
        (PAYLOAD, '{"selectedOption": 4929}', "call_event.payload.selectedOption"),
        (PAYLOAD, '{"keys_pressed": ["4", "9"]}', "call_event.payload.keys_pressed"),
    ],
)  # fmt: skip
def test_unredacted_data_blocks(estate: Estate, statement: str, planted: str, field: str) -> None:
    estate.plant(statement, planted)
    report = estate.gate(docs=True)
    lines = {line.check: line for line in blocking(report)}
    line = lines["detector"]
    assert (line.name, line.day, line.failed) == ("redaction", DAY, 1)
    assert [offender.partition(": ")[0] for offender in line.offenders] == [field]
    said = refused(estate, report)
    assert f"redaction/detector on {DAY}: 1 of" in said
    secret = planted.removeprefix("my card is ").removesuffix(" thanks")
    for text in (said, everything_written(estate)):
        assert planted not in text
        assert secret not in text
        assert "4111 1" not in text  # four digits alone also stand in instants


WEB_CALLS = "where route = 'web_call' and call_date = '2026-05-01'"
ROOM_NAME = "namespace = 'livekit_room_name', alias_value = 'call-_+14155552671_x'"
SESSIONS = "where alias_value like 'AJ%' and call_date = '2026-05-01'"
ONE_CALL = "where canonical_call_id = (select min(canonical_call_id) from marts.call_record)"
THE_TURN = f"where turn_id = {FIRST_TURN}"
THE_MENU = f"where event_id = {MENU}"


@pytest.mark.parametrize(
    ("mart", "change", "check", "failed"),
    [
        ("call_record", f"campaign = '+14155552671' {WEB_CALLS}", "detector", 100),
        ("call_record", f"last_menu_option = '49' {ONE_CALL}", "detector", 1),
        ("call_alias", f"{ROOM_NAME} {SESSIONS}", "detector", 300),
        ("call_alias", f"{ROOM_NAME} {SESSIONS}", "call_alias_pattern", 300),
        ("call_turn", f"text = 'it is 4111-1111 1111 1111' {THE_TURN}", "call_turn_pattern", 1),
        ("call_event", f"payload = '+14155552671' {THE_MENU}", "call_event_pattern", 1),
        ("call_turn", f"redaction_state = 'raw' {THE_TURN}", "call_turn_state", 1),
        ("call_turn", f"redaction_state = null {THE_TURN}", "call_turn_state", 1),
        ("call_event", f"redaction_state = null {THE_MENU}", "call_event_state", 1),
        ("call_turn", f"redaction_policy_version = '2025.1' {THE_TURN}", "policy_version", 1),
        ("call_turn", f"redaction_policy_version = null {THE_TURN}", "policy_version", 1),
        ("call_record", f"contains_unredacted_transcript = null {WEB_CALLS}",
         "unredacted_transcript", 100),
        ("call_record", f"contains_unredacted_transcript = true {WEB_CALLS}",
         "unredacted_transcript", 100),
    ],
)  # fmt: skip
def test_every_redaction_check_blocks(
    estate: Estate, mart: str, change: str, check: str, failed: int
) -> None:
    estate.plant(f"update marts.{mart} set {change}")
    report = estate.gate(docs=True)
    line = next(line for line in blocking(report) if line.check == check)
    assert (line.name, line.day, line.failed) == ("redaction", DAY, failed)
    assert f"redaction/{check} on {DAY}: {failed} of" in refused(estate, report)
    assert "4155552671" not in everything_written(estate)


@pytest.mark.parametrize("role", alias_completeness.ROLES)
@pytest.mark.parametrize(
    ("missing", "outcome"), [(8, "block"), (6, "block"), (5, "warn"), (1, "ok")]
)
def test_share_of_missing_aliases(estate: Estate, role: str, missing: int, outcome: str) -> None:
    """100 calls a day and route: over 5 % blocks, over 1 % warns, exactly either does not."""
    estate.plant(LOSE, "unknown", role, missing)
    report = estate.gate()
    failed = [line for line in report.gates if not line.passed]
    if outcome == "ok":
        assert failed == []
        return
    (line,) = failed
    assert (line.day, line.route, line.failed, line.checked) == (DAY, "ivr_to_agent", missing, 100)
    assert line.severity == {"block": "error", "warn": "warn"}[outcome]
    assert len(line.offenders) == missing
    if outcome == "warn":
        assert report.passed
        estate.publish(report.to_json())
    else:
        said = refused(estate, report)
        assert f"alias_completeness/{role} on {DAY}, route ivr_to_agent: {missing} of 100" in said


def test_the_boundary_at_a_thousand_calls(tmp_path: Path) -> None:
    """51 of 1,000 (5.1 %) blocks, 49 (4.9 %) does not; Great Expectations and SQL agree."""
    from tests.serve.fixture_warehouse import build_warehouse

    estate = Estate(tmp_path)
    build_warehouse(estate.warehouse, calls=1000)
    estate.plant(LOSE, "unknown", "agentSessionId", 49)
    assert estate.gate().passed
    estate.plant(LOSE, "unknown", "agentSessionId", 51)
    assert [line.failed for line in blocking(estate.gate())] == [51]


@pytest.mark.parametrize("reason", alias_completeness.EXCUSED)
def test_excused_gaps_do_not_count(estate: Estate, reason: str) -> None:
    estate.plant(LOSE, reason, "agentSessionId", 60)
    report = estate.gate()
    assert report.passed
    assert not any(line for line in report.gates if not line.passed)


def test_a_null_reason_counts_as_missing(estate: Estate) -> None:
    estate.plant(LOSE, None, "agentSessionId", 8)
    assert [line.failed for line in blocking(estate.gate())] == [8]


def test_one_missing_call_of_a_small_route_warns(estate: Estate) -> None:
    estate.plant("delete from marts.call_record where canonical_call_id not like '%00'")
    estate.plant("delete from marts.call_completeness where canonical_call_id not like '%00'")
    estate.plant(LOSE, "unknown", "agentSessionId", 1)
    report = estate.gate()
    (line,) = [line for line in report.gates if not line.passed]
    assert (line.severity, line.failed, line.checked) == ("warn", 1, 1)


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("delete from marts.call_record", "calls_present"),
        ("delete from marts.call_completeness where route = 'web_call'", "calls_judged"),
        ("delete from marts.call_completeness where canonical_role = 'providerCallId'",
         "calls_judged"),
        ("update marts.call_completeness set is_required = null", "all_measured"),
        ("update marts.call_completeness set is_present = null where route = 'web_call'",
         "all_measured"),
        ("update marts.call_completeness set route = null where route = 'web_call'",
         "all_measured"),
    ],
)  # fmt: skip
def test_what_was_not_measured_blocks(estate: Estate, statement: str, check: str) -> None:
    estate.plant(statement)
    report = estate.gate()
    assert check in {line.check for line in blocking(report)}
    assert f"alias_completeness/{check}" in refused(estate, report)


@pytest.mark.parametrize(
    ("statement", "gate", "error"),
    [
        ("drop table marts.call_completeness", "alias_completeness", "CatalogException"),
        ("drop table marts.call_turn", "redaction", "LookupError"),
        ("alter table marts.call_turn drop column redaction_state", "redaction", "BinderException"),
    ],
)
def test_a_gate_that_crashes_has_failed(
    estate: Estate, statement: str, gate: str, error: str
) -> None:
    estate.plant(statement)
    report = estate.gate()
    (line,) = [line for line in blocking(report) if line.name == gate]
    assert (line.check, line.day) == ("crashed", None)
    assert error in line.what_to_do
    said = refused(estate, report)
    assert f"{gate}/crashed" in said
    assert error in said


def test_a_crash_does_not_tell_values(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("could not convert '4111 1111 1111 1111'")

    monkeypatch.setattr(redaction, "gate", broken)
    report = estate.gate()
    assert "ValueError" in refused(estate, report)
    assert "4111 1" not in json.dumps(report.to_json())


def test_a_run_that_dies_leaves_no_passing_report(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert estate.gate().passed

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(redaction, "gate", killed)
    with pytest.raises(KeyboardInterrupt):
        estate.gate()
    assert not (estate.folder / "gates" / "build-b.json").exists()


def test_the_warehouse_is_free_after_the_gates(estate: Estate) -> None:
    estate.gate()
    estate.plant("create table marts.written_after as select 1 as one")
