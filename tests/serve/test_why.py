"""Why two aliases are one call: the chain, its weakest link, what rests on it, how to undo it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.serve.asking_why import names, told, why
from tests.serve.fixture_identity import EARLY, HOSTILE, KEY, LATE, QUOTED, A, B, identity_warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return identity_warehouse(tmp_path_factory.mktemp("why") / "warehouse.duckdb")


def undoing(answer: dict) -> list[str]:
    """The first three columns: namespace, value and record."""
    (row,) = csv.reader([answer["undo"]["line"]])
    assert len(row) == len(answer["undo"]["columns"]) == 6
    assert row[5] == datetime.now(UTC).date().isoformat()
    return row[:3]


def test_the_chain_and_its_weakest_link_as_text(warehouse: Path) -> None:
    result = why(warehouse, A, "AJ_1")
    today = datetime.now(UTC).date()
    assert result.exit_code == 0
    assert (
        result.stdout
        == f"""One call: call_a

Shortest chain, 3 records
  twilio_call_sid {A}
      twilio.summaries:{A}, landed 2026-05-02 03:00:00 UTC
        states the alias above as call, the one below as sip_header
  sip_call_id s@1 (from 2026-05-01 08:00:00 UTC)
      livekit.webhooks:EV_1, landed 2026-05-02 03:00:00 UTC
        states the alias above as sip_header, the one below as room
  livekit_room_sid RM_1
      livekit.session_reports:AJ_1, landed 2026-05-02 03:00:00 UTC
        states the alias above as room and first_room, the one below as job
  livekit_job_id AJ_1

Weakest link
  twilio.summaries:{A} states sip_call_id s@1 (from 2026-05-01
    08:00:00 UTC) as sip_header; 1 other record states it.

What else rests on it
  without it, AJ_1 comes off {A}, and with it 3 records and 3 more
    aliases: livekit_room_sid RM_1; otel_trace_id t1; sip_call_id s@1 (from 2026-05-01 08:00:00 UTC)

To undo it
  Add this line to dbt_project/seeds/identity/identity_exclusion.csv, with your reason and your
    name, and run the job.
  It removes the weakest link, and that parts the two.
sip_call_id,s@1,twilio.summaries:{A},{A} and AJ_1 are two calls,YOUR NAME,{today}
"""
    )


def test_the_same_as_json(warehouse: Path) -> None:
    answer = told(warehouse, A, "AJ_1")
    sip = {"namespace": "sip_call_id", "aliasValue": "s@1", "kind": "scoped", "instance": EARLY}
    first = {"namespace": "twilio_call_sid", "aliasValue": A, "kind": "identifying", "instance": 0}
    assert (answer["sameCall"], answer["canonicalCallId"]) == (True, "call_a")
    assert answer["first"] == first
    assert names([answer["second"]]) == ["livekit_job_id AJ_1"]
    assert [step["recordId"] for step in answer["chain"]] == [
        f"twilio.summaries:{A}",
        "livekit.webhooks:EV_1",
        "livekit.session_reports:AJ_1",
    ]
    assert answer["chain"][0] == {
        "recordId": f"twilio.summaries:{A}",
        "provider": "twilio",
        "stream": "summaries",
        "landedAt": "2026-05-02T03:00:00.000Z",
        "states": [first | {"roles": ["call"]}, sip | {"roles": ["sip_header"]}],
    }
    assert answer["weakestLink"] == sip | {
        "recordId": f"twilio.summaries:{A}",
        "roles": ["sip_header"],
        "isBridge": True,
        "otherRecordCount": 1,
    }
    assert names(answer["restsOnIt"].pop("aliases")) == [
        "livekit_room_sid RM_1",
        "otel_trace_id t1",
        "sip_call_id s@1",
    ]
    assert answer["restsOnIt"] == {"recordCount": 3, "otherWayCount": 0, "hasMoreWays": False}
    assert undoing(answer) == ["sip_call_id", "s@1", f"twilio.summaries:{A}"]
    assert (answer["undo"]["removes"], answer["undo"]["separates"]) == ("statement", True)


def test_a_derived_statement_is_weaker_than_one_that_a_provider_made(warehouse: Path) -> None:
    answer = told(warehouse, "AJ_2", B)
    # Every link of S2, t2, calls:B is a bridge, identifying, and stated by one record more.
    assert names([answer["weakestLink"]]) == ["otel_trace_id t2"]
    assert answer["weakestLink"]["recordId"] == f"twilio.calls:{B}"
    # From AJ_2's side B comes off with its two records, and with no other alias.
    assert answer["restsOnIt"]["aliases"] == []
    assert answer["restsOnIt"]["recordCount"] == 2


def test_an_end_that_one_record_alone_states_is_the_weakest_link(warehouse: Path) -> None:
    answer = told(warehouse, "AJ_1", "t1")
    assert names([answer["weakestLink"]]) == ["otel_trace_id t1"]
    assert answer["weakestLink"]["otherRecordCount"] == 0
    assert answer["restsOnIt"] == {
        "aliases": [], "recordCount": 0, "otherWayCount": 0, "hasMoreWays": False,
    }  # fmt: skip
    text = why(warehouse, "AJ_1", "t1").stdout
    assert "no other record states that alias" in text
    assert "without it, t1 comes off AJ_1, and nothing else" in text


def test_of_two_chains_the_shorter_is_told_and_no_link_of_a_ring_is_a_bridge(
    warehouse: Path,
) -> None:
    answer = told(warehouse, "F", "G")
    assert [step["recordId"] for step in answer["chain"]] == ["twilio.calls:r2", "twilio.calls:r5"]
    assert answer["weakestLink"]["isBridge"] is False
    assert names([answer["weakestLink"]]) == ["otel_trace_id F"]  # all equal: the first
    assert answer["restsOnIt"] == {
        "aliases": [], "recordCount": 0, "otherWayCount": 1, "hasMoreWays": False,
    }  # fmt: skip
    assert undoing(answer) == ["otel_trace_id", "F", "twilio.calls:r2"]
    assert answer["undo"]["separates"] is False
    text = why(warehouse, "F", "G").stdout
    assert "  nothing: the two are tied in 1 other way\n" in text
    assert "The two stay tied in 1 other way: ask again" in text


def test_an_alias_between_is_excluded_where_no_single_link_parts_the_two(warehouse: Path) -> None:
    answer = told(warehouse, "PD", "QD")
    assert answer["weakestLink"]["isBridge"] is False
    assert undoing(answer) == ["livekit_room_name", "room-d", ""]
    assert (answer["undo"]["removes"], answer["undo"]["separates"]) == ("alias", True)
    assert "every statement of the alias" in why(warehouse, "PD", "QD").stdout


def test_a_record_between_is_excluded_where_no_alias_parts_the_two(warehouse: Path) -> None:
    answer = told(warehouse, "FE", "GE")
    assert undoing(answer) == ["", "", "otlp.spans:m"]
    assert (answer["undo"]["removes"], answer["undo"]["separates"]) == ("record", True)
    assert "every statement of the record" in why(warehouse, "FE", "GE").stdout


def test_ways_are_counted_no_further_than_twenty(warehouse: Path) -> None:
    rests = told(warehouse, "many1", "many2")["restsOnIt"]
    assert (rests["otherWayCount"], rests["hasMoreWays"]) == (20, True)
    assert "tied in 20 or more other ways" in why(warehouse, "many1", "many2").stdout


def test_of_several_readings_the_one_in_one_call_is_told_and_the_others_listed(
    warehouse: Path,
) -> None:
    answer = told(warehouse, "lobby", "JF2")
    assert answer["canonicalCallId"] == "call_f2"
    assert answer["first"]["instance"] == LATE
    assert [(one["given"], one["canonicalCallId"]) for one in answer["otherReadings"]] == [
        ("lobby", "call_f1")
    ]
    # s@1 is a contact of call_g and a SIP Call-ID of call_a.
    assert told(warehouse, "s@1", "REg")["canonicalCallId"] == "call_g"
    text = why(warehouse, "s@1", A).stdout
    assert text.startswith("One call: call_a\n")
    assert "Other places where the two values stand\n  connect_contact_id s@1, in call_g\n" in text
    # No reading of the two is in one call: no single pair of calls is claimed.
    apart = why(warehouse, "s@1", "JF1")
    assert apart.exit_code == 1
    assert apart.stdout.startswith("Different calls, in whichever of its places")
    assert "call_a" in apart.stdout
    assert "call_g" in apart.stdout


def test_a_chain_uses_neither_withheld_statements_nor_tickets(warehouse: Path) -> None:
    steps = told(warehouse, "LW", "RW")["chain"]
    assert [step["recordId"] for step in steps] == [f"otlp.spans:w{n}" for n in (1, 2, 3)]


def test_a_conflict_over_the_id_of_a_call_withholds_no_statement(warehouse: Path) -> None:
    assert names(told(warehouse, "v", "JV")["chain"][0]["states"])[1] == "canonical_call_id mine"


def test_of_two_calls_that_hold_both_the_one_with_the_shorter_chain_is_told(
    warehouse: Path,
) -> None:
    answer = told(warehouse, "ra", "rb")
    assert answer["canonicalCallId"] == "call_s2"
    assert len(answer["chain"]) == 1
    assert [(one["given"], one["canonicalCallId"]) for one in answer["otherReadings"]] == [
        ("ra", "call_s1"),
        ("rb", "call_s1"),
    ]


def test_a_ticket_of_another_call_is_another_place(warehouse: Path) -> None:
    (other,) = told(warehouse, "AJ_2", B)["otherReadings"]
    assert (other["namespace"], other["canonicalCallId"]) == ("call_reference", "call_w")
    assert other["reason"] == "associating"


def test_text_is_at_most_100_columns_wide_but_for_the_line_to_copy(warehouse: Path) -> None:
    for pair in ((A, "AJ_1"), ("FE", "GE"), ("F", "G"), ("PD", "QD"), ("JH1", "JH2"), (A, "lobby")):
        lines = why(warehouse, *pair).stdout.splitlines()
        assert [line for line in lines if len(line) > 100 and "YOUR NAME" not in line] == []


def test_any_spelling_that_find_accepts_will_do(warehouse: Path) -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/{A}.json"
    for first in (A.lower(), f" {A} ", url):
        assert told(warehouse, first, "AJ_1")["canonicalCallId"] == "call_a"
    assert told(warehouse, "Jo's", "JK", key=KEY)["canonicalCallId"] == "call_JK"
    assert told(warehouse, "Jo's", "JK")["sameCall"] is None


def test_hostile_text_moves_no_cursor_and_stays_one_csv_field(warehouse: Path) -> None:
    text = why(warehouse, HOSTILE, "JX").stdout
    assert not set("\x1b\u202e") & set(text)
    assert "\\x1b[2J\\u202e" in text
    assert "see undo.line in --json" in text
    assert not [line for line in text.splitlines() if line.startswith("livekit_room_name")]
    answer = told(warehouse, HOSTILE, "JX")
    assert answer["canonicalCallId"] == "call_JX"
    (row,) = csv.reader(answer["undo"]["line"].splitlines(keepends=True))
    assert row[:3] == ["livekit_room_name", HOSTILE, "livekit.session_reports:JX"]
    assert undoing(told(warehouse, "JQ", QUOTED))[1] == QUOTED
    assert '\nlivekit_room_name,"Smith, ""Jo""",livekit' in why(warehouse, QUOTED, "JQ").stdout
