"""What is said of two aliases that nothing ties, and of questions without an answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT
from tests.serve.asking_why import told, why
from tests.serve.fixture_identity import SCHEMA, A, Estate, identity_warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return identity_warehouse(tmp_path_factory.mktemp("why") / "warehouse.duckdb")


def test_a_scoped_value_of_another_time_ties_nothing(warehouse: Path) -> None:
    result = why(warehouse, "JF1", "JF2")
    assert result.exit_code == 1
    assert (
        result.stdout
        == """Two calls: call_f1 and call_f2.

JF1
  livekit_job_id JF1, in call_f1

JF2
  livekit_job_id JF2, in call_f2

Stated by records of both, and joins nothing
  livekit_room_name lobby: used again too long after to be one call
"""
    )
    answer = told(warehouse, "JF1", "JF2")
    assert (answer["sameCall"], answer["canonicalCallId"]) == (False, None)
    assert answer["sharedWithheld"] == [
        {"namespace": "livekit_room_name", "aliasValue": "lobby", "reason": "other_instance"}
    ]


def test_a_withheld_value_that_both_calls_state_is_named_with_its_reason(warehouse: Path) -> None:
    answer = told(warehouse, "JH1", "JH2")
    assert answer["reason"] == "Two calls: call_h1 and call_h2."
    feed, malformed = answer["sharedWithheld"]
    assert feed == {
        "namespace": "otel_trace_id", "aliasValue": "feed", "reason": "too_many_anchors",
    }  # fmt: skip
    assert malformed["reason"] == "malformed"
    assert malformed["aliasValue"].startswith("sha256:")
    assert "otel_trace_id feed: too_many_anchors" in why(warehouse, "JH1", "JH2").stdout
    # One side's statement alone is withheld: the other side's joins, but not the two calls.
    assert told(warehouse, "ti1", "JI2")["sharedWithheld"] == [
        {"namespace": "livekit_job_id", "aliasValue": "JI2", "reason": "calls_apart_in_time"}
    ]


@pytest.mark.parametrize(
    ("value", "reason"), [("feed", "too_many_anchors"), ("7", "associating"), ("lost", "no call")]
)
def test_a_value_that_joins_nothing_is_not_called_another_call(
    warehouse: Path, value: str, reason: str
) -> None:
    result = why(warehouse, "JH1", value)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"Nothing ties the two: {value} joins nothing.")
    assert reason in result.stdout
    assert told(warehouse, value, "JH1")["sameCall"] is None


@pytest.mark.parametrize("value", ["' or 1=1 --", "%", "", "\x00", "?", "\x1b[2J"])
def test_an_unknown_alias_is_named(warehouse: Path, value: str) -> None:
    for arguments in (("JF1", value), (value, "JF1")):
        result = why(warehouse, *arguments)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert "no record in the warehouse states" in result.stderr
        assert "JF1" not in result.stderr
        assert not set("\x1b\x00") & set(result.stderr)
    assert repr(value) in told(warehouse, "JF1", value)["reason"]


def test_a_call_shares_nothing_with_itself(warehouse: Path) -> None:
    # The withheld "feed" stands in JH1's call too; "solo" is withheld there and nowhere else.
    shared = told(warehouse, "feed", "JH1")["sharedWithheld"]
    assert [one["reason"] for one in shared] == ["too_many_anchors", "malformed"]
    # Only as a trace is KW withheld.
    assert told(warehouse, "KW", "JH1")["sharedWithheld"] == []


def test_one_alias_twice_is_no_question(warehouse: Path) -> None:
    result = why(warehouse, A, A.lower())
    assert result.exit_code == 1
    assert f"both values name one alias, twilio_call_sid {A}" in result.stderr


def test_no_warehouse_or_no_tables_say_to_run_the_job(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    result = why(path, "a", "b")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no warehouse" in result.stderr
    assert "callstory run" in result.stderr
    with duckdb.connect(str(path)):
        pass
    assert "callstory run" in why(path, "a", "b").stderr
    with duckdb.connect(str(path)) as connection:
        connection.execute(SCHEMA)
        connection.execute("alter table identity.int_identity__withheld drop column instance")
    assert "callstory run" in why(path, "a", "b").stderr
    path.write_bytes(b"no database" * 1000)
    assert "it is no warehouse that can be read" in why(path, "a", "b").stderr


def test_tables_of_different_runs_are_not_explained(tmp_path: Path) -> None:
    estate = Estate()
    for record in ("x", "y"):
        estate.record("call_z", f"otlp.spans:{record}", f"otel_trace_id {record} trace 1")
    result = why(estate.write(tmp_path / "warehouse.duckdb"), "x", "y")
    assert result.exit_code == 1
    assert "run the job again" in result.stderr


def test_a_warehouse_that_a_run_is_writing_is_said_to_be_busy(tmp_path: Path) -> None:
    path = Estate().write(tmp_path / "warehouse.duckdb")
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdout
        assert writer.stdout.readline() == "1\n"
        assert "a run is writing it" in why(path, "a", "b").stderr
        writer.communicate("\n")


def test_others_may_read_the_warehouse_meanwhile(warehouse: Path) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; input()", str(warehouse)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout
        assert reader.stdout.readline() == "1\n"
        assert why(warehouse, A, "AJ_1").exit_code == 0
        reader.communicate("\n")
