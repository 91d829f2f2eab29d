"""The command: what people read, what programs read, and how fast it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from serve.cli import main
from serve.publish import publish
from tests.conftest import ROOT
from tests.serve.conftest import passing_report, restamp
from tests.serve.fixture_warehouse import BUILD, DAYS, STORY, call_id, twilio_sid

CALL = call_id(DAYS[0], "ivr_to_agent", 3)
SID = twilio_sid(DAYS[0], "ivr_to_agent", 3)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.fixture
def zone(warehouse: Path, tmp_path: Path) -> Path:
    """Two published builds; in the newer one, one call has a hostile menu and gaps."""
    zone = tmp_path / "published"
    publish(warehouse, str(zone), BUILD, passing_report(), 3)
    restamp(warehouse, "build-b")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update marts.call_event set payload = ? where canonical_call_id = ?"
            " and event_type = 'ivr.menu_option_selected'",
            [json.dumps({"menu_name": "\x1b[2J\u202eevil\n", "note": "x" * 300}), CALL],
        )
        connection.execute(
            "update marts.call_event set payload = ? where canonical_call_id = ?"
            " and event_type = 'transcript.user_turn_final'",
            [json.dumps({"turn_id": f"turn_{CALL}_1"}), CALL],
        )
        connection.execute(
            "update marts.call_completeness set is_present = false, reason ="
            " 'dropped_at_boundary', boundary = 'livekit -> otlp'"
            " where canonical_call_id = ? and canonical_role = 'traceId'",
            [CALL],
        )
    publish(warehouse, str(zone), "build-b", passing_report("build-b"), 3)
    return zone


def test_find_tells_the_story_within_100_columns(zone: Path) -> None:
    result = run("find", SID, "--published", str(zone))
    assert result.exit_code == 0, result.output
    text = result.output
    assert [line for line in text.splitlines() if len(line) > 100] == []
    positions = [text.index(event[2]) for event in STORY]
    assert positions == sorted(positions)
    for told in (
        CALL,
        "2026-05-01 09:03:00 UTC",
        "outcome resolved",
        "5 of 6 questions",
        "How it ended      NO EVIDENCE",
        "3 of 4 required identifiers",
        "missing traceId: dropped_at_boundary, at the boundary livekit -> otlp",
        "policy 2026-05.1; turns: 1 clean, 1 redacted",
        "0:06.400  IVR        ivr.menu_option_selected",
        "0:15.200  agent      transcript.user_turn_final      user: my invoice is wrong",
        "1:00.000  outcome    call.resolved",
        "Turns without an event\n   0:30.000  agent        I see two charges on [CARD].",
    ):
        assert told in text, told


def test_what_a_provider_wrote_moves_no_cursor(zone: Path) -> None:
    text = run("find", SID, "--published", str(zone)).output
    assert not set("\x1b\u202e") & set(text)
    assert "\\x1b[2J\\u202eevil\\n" in text


def test_find_json_is_one_object_in_the_names_of_the_requirements(zone: Path) -> None:
    result = run("find", SID, "--json", "--published", str(zone))
    told = json.loads(result.output)
    call, events = told["call"], told["events"]
    assert call["canonicalCallId"] == CALL
    assert call["providerAliases"]["twilioCallSid"] == SID
    assert call["startedAt"] == "2026-05-01T09:03:00.000Z"
    assert {"entryFlow", "lastMenuOption", "retryCount"} <= set(call["ivrContext"])
    assert {"promptVersion", "model", "sttProvider"} <= set(call["agentContext"])
    assert call["privacy"]["containsUnredactedTranscript"] is False
    assert [event["eventType"] for event in events] == [event[2] for event in STORY]
    assert [event["sequenceNumber"] for event in events] == list(range(1, len(STORY) + 1))
    assert events[3]["payload"] == {"edgeLocation": "ashburn", "codec": "opus"}
    assert events[3]["privacy"]["redactionState"] == "clean"
    assert [turn["turnIndex"] for turn in told["turns"]] == [1, 2]
    assert len(told["aliases"]) == 4
    assert {row["canonicalRole"]: row["reason"] for row in told["completeness"]} == {
        "agentSessionId": None,
        "initialContactId": None,
        "providerCallId": None,
        "traceId": "dropped_at_boundary",
    }


def test_several_calls_are_listed_with_how_to_choose(zone: Path) -> None:
    result = run("find", f"tok_{3:032x}", "--published", str(zone))
    assert result.exit_code == 0
    assert result.output.startswith("32 calls match. Choose one: callstory find <call ID>")
    assert f"{CALL:<32} 2026-05-01 09:03:00  ivr_to_agent     resolved    by" in result.output
    told = json.loads(run("find", f"tok_{3:032x}", "--json", "--published", str(zone)).output)
    assert (told["call"], told["events"], told["matchCount"]) == (None, [], 32)


def test_nothing_found_exits_1_with_the_reason(zone: Path) -> None:
    result = run("find", "CA" + "f" * 32, "--published", str(zone))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "looks like a Twilio Call SID" in result.stderr.replace("\n", " ")
    result = run("find", "CA" + "f" * 32, "--json", "--published", str(zone))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["call"] is None


@pytest.mark.parametrize("command", [["find", "x"], ["status"]])
def test_nothing_published_is_said(tmp_path: Path, command: list[str]) -> None:
    result = run(*command, CALLSTORY_DATA=str(tmp_path))
    assert result.exit_code == 1
    assert "nothing is published" in result.output


def test_a_number_needs_the_key(zone: Path) -> None:
    result = run("find", "+14155552671", "--published", str(zone), CALLSTORY_TOKEN_KEY="")
    assert result.exit_code == 1
    assert "CALLSTORY_TOKEN_KEY" in result.output
    result = run(
        "find", "+14155552671", CALLSTORY_PUBLISHED=str(zone), CALLSTORY_TOKEN_KEY="k" * 32
    )
    assert result.exit_code == 1
    assert "another key" in result.output.replace("\n", " ")


def test_versions_status_and_rollback(zone: Path) -> None:
    lines = run("versions", "--published", str(zone)).output.splitlines()
    assert [line[:9] for line in lines] == ["  build-a", "* build-b"]
    assert run("rollback", "--published", str(zone)).output == "published/current is now build-a\n"
    status = run("status", "--published", str(zone)).output
    assert "build      build-a" in status
    assert "2026-05-01 to 2026-05-02" in status
    assert "call_record                   200 rows" in status
    result = run("rollback", "nowhere", "--published", str(zone))
    assert result.exit_code == 1
    assert "build-a, build-b" in result.output


def test_gates_explains_the_newest_report(tmp_path: Path) -> None:
    folder = tmp_path / "gates"
    folder.mkdir()
    line = {"name": "redaction", "check": "detector", "passed": False, "severity": "error",
            "day": "2026-05-01", "route": None, "checked": 400, "failed": 3, "threshold": 0.0,
            "what_to_do": "Mend the policy.", "offenders": ["call_turn.text: turn_1"]}  # fmt: skip
    report = {"build_id": "b1", "created_at": "2026-05-04T03:00:00+00:00", "gates": [line]}
    (folder / "b1.json").write_text(json.dumps(report))
    result = run("gates", CALLSTORY_DATA=str(tmp_path))
    assert result.exit_code == 1
    for told in ("b1", "BLOCKED", "redaction/detector on 2026-05-01: 3 of 400", "turn_1"):
        assert told in result.output
    result = run("gates", "b2", CALLSTORY_DATA=str(tmp_path))
    assert "no gate report of b2" in result.output


def test_every_command_has_help() -> None:
    for name, command in main.commands.items():
        assert command.help, name


def test_a_look_up_imports_nothing_heavy(zone: Path) -> None:
    """A whole look-up, with a number to make a token of, in a fresh interpreter."""
    heavy = ["dagster", "dbt", "great_expectations", "pandas", "boto3", "pyarrow", "phonenumbers"]
    code = (
        "import sys\n"
        "from serve.cli import main\n"
        "try:\n"
        "    main(['find', sys.argv[1], '--json', '--published', sys.argv[2]])\n"
        "except SystemExit as end:\n"
        f"    print([m for m in {heavy} if m in sys.modules], end.code, file=sys.stderr)\n"
    )
    for value, ended in ((SID, 0), ("+14155552671", 1)):
        result = subprocess.run(
            [sys.executable, "-c", code, value, str(zone)],
            cwd=ROOT,
            env={"CALLSTORY_TOKEN_KEY": "k" * 32},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stderr.strip() == f"[] {ended}"
        assert "call" in json.loads(result.stdout)
