"""Anything that names a call finds it; what names none says why (S0-117, S0-118)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.redaction.tokens import caller_token, published_id
from ingest.settings import Places
from serve.as_json import story_json
from serve.lookup import (
    Found,
    TokenKeyMissingError,
    alias_spellings,
    find,
    spellings,
    story,
)
from serve.published import NothingPublishedError, Snapshot, open_snapshot
from serve.reasons import day_of_call_id, nearest_reason
from serve.render import story_text
from tests.serve.fixture_warehouse import DAYS, STORY, call_id, twilio_sid

KEY = b"k" * 32
CALL = call_id(DAYS[0], "ivr_to_agent", 3)
SID = twilio_sid(DAYS[0], "ivr_to_agent", 3)


@pytest.fixture
def zone(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "zone", symlinks=True))


@pytest.fixture
def snapshot(published: Path) -> Iterator[Snapshot]:
    with open_snapshot(Places(str(published), Path("data"))) as opened:
        yield opened


def change(zone: Path, *statements: str) -> None:
    with duckdb.connect(str((zone / "current" / "callstory.duckdb").resolve())) as connection:
        for statement in statements:
            connection.execute(statement)


def look(zone: Path, value: str, key: bytes = KEY) -> Found:
    with open_snapshot(Places(str(zone), Path("data"))) as opened:
        return find(opened, value, key)


def reason(zone: Path, value: str) -> str:
    with open_snapshot(Places(str(zone), Path("data"))) as opened:
        assert find(opened, value, KEY).total == 0
        return nearest_reason(opened, value)


@pytest.mark.parametrize(
    ("value", "by"),
    [
        (CALL, "canonical_call_id"),
        (f"  {CALL}\n", "canonical_call_id"),
        (SID, "twilio_call_sid"),
        (SID.lower(), "twilio_call_sid"),
        (f"https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/{SID}.json", "twilio_call_sid"),
        ("1F2E3D4C-0000-4000-8101-000000000003", "amazon_connect_contact_id"),
        ("AJ_000000000003ivr01", "livekit_job_id"),
    ],
)
def test_any_spelling_of_any_alias_finds_the_call(snapshot: Snapshot, value: str, by: str) -> None:
    found = find(snapshot, value, b"")
    assert [(match.call_id, match.found_by) for match in found.matches] == [(CALL, by)]


def test_spellings_of_a_traceparent_hold_its_trace_id() -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert trace in spellings(f"00-{trace}-b7ad6b7169203331-01")
    assert trace in spellings(trace.upper())


def test_a_redirected_id_finds_the_call_at_the_end_of_the_chain(zone: Path) -> None:
    change(
        zone,
        "insert into call_redirect values ('call_old', 'call_older', 'merged'),"
        f" ('call_older', '{CALL}', 'merged')",
        "insert into call_redirect values ('call_a', 'call_b', 'x'), ('call_b', 'call_a', 'x')",
    )
    assert [m.call_id for m in look(zone, "call_old").matches] == [CALL]
    assert look(zone, "call_a").total == 0  # a ring leads nowhere, and ends


def test_an_id_that_was_split_lists_both_calls(zone: Path) -> None:
    other = call_id(DAYS[1], "web_call", 1)
    change(
        zone,
        f"insert into call_redirect values ('call_x', '{CALL}', 's'), ('call_x', '{other}', 's')",
    )
    found = look(zone, "call_x")
    assert [(m.call_id, m.found_by) for m in found.matches] == [
        (other, "redirect"),
        (CALL, "redirect"),
    ]


def test_a_long_chain_and_a_ring_in_it_lead_to_every_successor(zone: Path) -> None:
    other = call_id(DAYS[1], "web_call", 1)
    links = [(f"call_{n}", f"call_{n + 1}") for n in range(30)]
    # On the way: a ring back to the start, a call that is there and was split, one that is gone.
    links += [("call_29", "call_0"), ("call_30", CALL), (CALL, other)]
    rows = ", ".join(f"('{old}', '{new}', 'merged')" for old, new in links)
    change(zone, f"insert into call_redirect values {rows}, ('call_12', null, 'gone')")
    assert {m.call_id for m in look(zone, "call_0").matches} == {CALL, other}
    assert {m.found_by for m in look(zone, "call_0").matches} == {"redirect"}


def test_the_id_of_a_call_that_was_split_shows_that_call_and_names_the_rest(zone: Path) -> None:
    first, second = call_id(DAYS[1], "web_call", 1), call_id(DAYS[0], "ivr_only", 2)
    change(
        zone,
        f"insert into call_redirect values ('{CALL}', '{second}', 'split'),"
        f" ('{CALL}', 'call_between', 'split'), ('call_between', '{first}', 'merged'),"
        f" ('{CALL}', 'call_back', 'split'), ('call_back', '{CALL}', 'merged'),"
        f" ('{CALL}', 'call_nowhere', 'split')",
        # The ID is also some other call's alias: the call that has it is meant all the same.
        f"update call_alias set alias_value = '{CALL}' where canonical_call_id = '{first}'"
        " and namespace = 'livekit_job_id'",
    )
    for value in (CALL, f" {CALL}\n"):
        found = look(zone, value)
        assert [(m.call_id, m.found_by) for m in found.matches] == [(CALL, "canonical_call_id")]
        assert found.total == 1
    with open_snapshot(Places(str(zone), Path("data"))) as opened:
        told, whole = story(opened, CALL), story(opened, second)
    assert told.part_now_in == sorted([first, second])
    assert story_json(told, found)["partNowIn"] == sorted([first, second])
    text = " ".join(story_text(told).split())
    assert f"Part of what was published under this ID is now in: {second}, {first}." in text
    assert (whole.part_now_in, story_json(whole, found)["partNowIn"]) == ([], [])
    assert "Part of what" not in story_text(whole)


def test_call_ids_that_differ_by_case_stay_two_calls(zone: Path) -> None:
    other = call_id(DAYS[1], "web_call", 1)
    change(
        zone,
        f"update call_record set canonical_call_id = 'order-7' where canonical_call_id = '{CALL}'",
        f"update call_record set canonical_call_id = 'ORDER-7' where canonical_call_id = '{other}'",
    )
    assert [m.call_id for m in look(zone, "order-7").matches] == ["order-7"]
    assert [m.call_id for m in look(zone, "ORDER-7").matches] == ["ORDER-7"]
    assert {m.call_id for m in look(zone, "Order-7").matches} == {"order-7", "ORDER-7"}


def test_aliases_are_spelled_as_they_are_published() -> None:
    assert alias_spellings(SID.lower(), b"") == spellings(SID.lower())
    assert caller_token(KEY, "+14155552671") in alias_spellings("+1 415 555 2671", KEY)
    assert published_id(KEY, "Jane's call") in alias_spellings("Jane's call", KEY)


@pytest.mark.parametrize("number", ["+1 (415) 555-2671", "4155552671", "tel:+14155552671"])
def test_a_number_in_clear_finds_its_callers_calls(zone: Path, number: str) -> None:
    token = caller_token(KEY, "+14155552671")
    change(
        zone,
        f"update call_record set caller_token = '{token}' where canonical_call_id = '{CALL}'",
        f"update call_alias set alias_value = '{token}' where canonical_call_id = '{CALL}'"
        " and namespace = 'caller_token'",
    )
    assert [m.call_id for m in look(zone, number).matches] == [CALL]
    assert look(zone, number, b"z" * 32).total == 0
    assert "another key" in reason(zone, "+1 415 555 2672")


@pytest.mark.parametrize(
    "value", ["call-_+12015550101_sfQgg7qoy5u9", "Jane's call", "j@example.com", "1" * 23]
)
def test_an_id_as_users_have_it_finds_what_is_published_of_it(zone: Path, value: str) -> None:
    change(
        zone,
        f"update call_alias set alias_value = '{published_id(KEY, value)}'"
        f" where canonical_call_id = '{CALL}' and namespace = 'livekit_job_id'",
    )
    assert [m.call_id for m in look(zone, value).matches] == [CALL]
    assert look(zone, value, b"z" * 32).total == 0


def test_a_number_without_a_key_says_which_setting_is_missing(snapshot: Snapshot) -> None:
    with pytest.raises(TokenKeyMissingError, match="CALLSTORY_TOKEN_KEY"):
        find(snapshot, "+14155552671", b"")


def test_an_associating_alias_lists_its_calls_newest_first(snapshot: Snapshot) -> None:
    found = find(snapshot, f"tok_{3:032x}", b"")
    starts = [match.call["started_at"] for match in found.matches]
    assert found.total == 2 * 4 * 4  # days, routes, and numbers 3, 10, 17, 24 of each
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize("value", ["' or 1=1 --", "%", "", "\x00", "call_%", "\ud800"])
def test_hostile_values_find_nothing(snapshot: Snapshot, value: str) -> None:
    assert find(snapshot, value.encode("utf-8", "replace").decode(), b"").total == 0


def test_the_story_is_whole_and_in_order(snapshot: Snapshot) -> None:
    told = story(snapshot, CALL)
    assert [event["event_type"] for event in told.events] == [event[2] for event in STORY]
    assert told.call["started_at"] == "2026-05-01T09:03:00.000Z"
    assert told.events[1]["occurred_at"] == "2026-05-01T09:03:02.1Z".replace(".1Z", ".100Z")
    assert [turn["speaker"] for turn in told.turns] == ["user", "agent"]
    assert {row["canonical_role"] for row in told.completeness} >= {"agentSessionId", "traceId"}
    with pytest.raises(LookupError):
        story(snapshot, "call_unknown")


def test_nothing_published_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="callstory run"):
        look(tmp_path, CALL)


def test_day_of_a_call_id() -> None:
    assert day_of_call_id("call_01ARZ3NDEKTSV4RRFFQ69G5FAV") == "2016-07-30"  # the ULID spec's own
    assert day_of_call_id("call_short") is None
    assert day_of_call_id("call_7ZZZZZZZZZZZZZZZZZZZZZZZZZ") is None  # the year 10889


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("call_01ARZ3NDEKTSV4RRFFQ69G5FAV", "began on 2016-07-30, and no call of that day"),
        ("CA" + "f" * 32, "looks like a Twilio Call SID, but is none of those published"),
        ("RE" + "f" * 32, "no published call has one at all"),
        ("4bf92f3577b34da6a3ce929d0e0e4736", "looks like a trace ID"),
        ("whatever", "No alias of any system has this value"),
    ],
)
def test_the_nearest_reason(zone: Path, value: str, says: str) -> None:
    told = reason(zone, value)
    assert says in told
    assert "2026-05-01" in told


def test_pending_calls_are_told(zone: Path) -> None:
    change(zone, "update call_completeness set reason = 'pending' where canonical_role = 'traceId'"
           " and route = 'web_call'")  # fmt: skip
    assert "50 published calls still wait for a provider" in reason(zone, "CA" + "f" * 32)


def test_a_withheld_alias_names_the_calls_it_touches(zone: Path) -> None:
    change(
        zone,
        "insert into identity_conflict values ('otel_trace_id', 'feedfeed', 1,"
        f" 'too_many_anchors', 9, 4, '{CALL}', ['a'])",
    )
    told = reason(zone, "FEEDFEED")
    assert "withheld from the identity graph as otel_trace_id (too_many_anchors" in told
    assert CALL in told
