"""Records that repeat an identifier, collide in one, or come again with other times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.identity.test_call_ids import FIRST, LATER, TRACE, Build, build, leg, span
from tests.identity.warehouse import RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")

AT, HOUR = 1_777_622_400, 3600  # 2026-05-01T08:00:00Z
MINTED = "sip.h.X-Canonical-Call-Id"
TWILIO = "sip.twilio.callSid"
FREE_TEXT = "card of Jane Doe, " + "4" * 500
Record = tuple[str, dict[str, Any]]


def hook(key: str, at: int, room: str, attributes: Mapping[str, str]) -> Record:
    return key, {
        "id": key,
        "event": "participant_joined",
        "createdAt": str(at),
        "room": {"sid": f"RM_{room}", "name": room},
        "participant": {"sid": f"PA_{key}", "kind": "SIP", "attributes": dict(attributes)},
    }


def old_hook(key: str, room: Mapping[str, Any], **body: Any) -> Record:
    """A body of an older server: neither id nor createdAt."""
    return key, {"event": "room_finished", "room": dict(room), **body}


def report(job: str, at: int, first_event: int | None = None, **rooms: str) -> Record:
    body: dict[str, Any] = {"job_id": job, "timestamp": at, **rooms}
    if first_event:
        body["events"] = [{"type": "agent_state_changed", "created_at": first_event}]
    return job, body


def sid(digit: str, number: int = 0) -> str:
    return f"CA{digit * 31}{number}"


def land_first(zone: RedactedZone) -> None:
    hooks = [
        hook("far0", AT, "far0", {MINTED: "minted-far"}),
        hook("far1", AT + 5 * HOUR, "far1", {MINTED: "minted-far"}),
        hook("far2", AT + 48 * HOUR, "far2", {MINTED: "minted-far"}),
        hook("both0", AT + 60, "both0", {MINTED: "minted-both", TWILIO: sid("b", 0)}),
        hook("both1", AT + 90, "both1", {MINTED: "minted-both", TWILIO: sid("b", 1)}),
        *(hook(f"four{n}", AT + 70, "four", {TWILIO: sid("f", n)}) for n in range(4)),
        hook("text", AT, "text", {MINTED: FREE_TEXT}),
        hook("twice", AT, "first", {}),
    ]
    zone.land("livekit", "webhooks", hooks)
    room = {"sid": "RM_old", "name": "front", "creationTime": str(AT)}
    old = [
        old_hook("old0", room),
        old_hook("old1", room, participant={"sid": "PA_1", "joinedAt": str(AT + 2)}),
        old_hook("day0", {"name": "lobby2", "creationTime": str(AT)}),
        old_hook("day2", {"name": "lobby2", "creationTime": str(AT + 48 * HOUR)}),
        old_hook("timeless", {"name": "front"}),
    ]
    zone.land("livekit", "webhooks", old)
    legs = [leg(sid(letter, n), 8) for letter, count in (("b", 2), ("f", 4)) for n in range(count)]
    zone.land("twilio", "calls", legs, FIRST + timedelta(minutes=1))
    reports = [
        *(report(f"AJ_lobby{n}", AT + n * HOUR, room="lobby") for n in range(3)),
        report("AJ_trace1", AT + HOUR),
        report("AJ_trace2", AT + 2 * HOUR),
        *(report(f"AJ_agent{n}", AT + n * HOUR, room="r", room_id="RM_agents") for n in range(2)),
        report("AJ_again", AT + 600),
        report("AJ_front", AT + 1, room="front"),
    ]
    zone.land("livekit", "session_reports", reports, FIRST + timedelta(minutes=2))
    spans = [span(1, "AJ_trace1", None), span(2, "AJ_trace2", None)]
    zone.land("otlp", "spans", spans, FIRST + timedelta(minutes=3))


@pytest.fixture(scope="module")
def builds(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> tuple[Build, Build]:
    """Everything at once, and again after more landed; the second with all data tests."""
    home = tmp_path_factory.mktemp("repeated")
    zone = RedactedZone(home / "redacted")
    land_first(zone)
    before = build(zone, dbt, home)
    again = report("AJ_again", AT + 700, first_event=AT + 5)
    zone.land("livekit", "session_reports", [again], LATER)
    taken = before.call_of("livekit.session_reports:AJ_again")
    late = [
        hook("thief", AT + 9000, "thief", {MINTED: taken}),
        ("twice", hook("twice", AT + 60, "second", {})[1]),
    ]
    zone.land("livekit", "webhooks", late, LATER)
    with zone.build(dbt, home / "tested" / "warehouse.duckdb"):
        pass
    return before, build(zone, dbt, home)


def calls_of(found: Build, stream: str, *keys: str) -> list[str]:
    return [found.call_of(f"livekit.{stream}:{key}") for key in keys]


@pytest.mark.parametrize(
    ("stream", "keys"),
    [
        ("webhooks", ("far0", "far1", "far2")),
        ("webhooks", ("both0", "both1")),
        ("webhooks", ("four0", "four1", "four2", "four3")),
        ("webhooks", ("day0", "day2")),
        ("session_reports", ("AJ_lobby0", "AJ_lobby1", "AJ_lobby2")),
        ("session_reports", ("AJ_trace1", "AJ_trace2")),
    ],
)
def test_calls_that_repeat_an_identifier_stay_apart(
    builds: tuple[Build, Build], stream: str, keys: tuple[str, ...]
) -> None:
    for found in builds:
        assert len(set(calls_of(found, stream, *keys))) == len(keys)


def test_what_was_withheld_stands_in_the_conflicts(builds: tuple[Build, Build]) -> None:
    before, _ = builds
    assert {
        ("canonical_call_id", "minted-far", "calls_apart_in_time"),
        ("canonical_call_id", "minted-both", "too_many_anchors"),
        ("livekit_room_sid", "RM_four", "too_many_anchors"),
        ("livekit_room_name", "lobby", "calls_apart_in_time"),
        ("livekit_room_name", "front", "no_time"),
        ("otel_trace_id", TRACE, "calls_apart_in_time"),
    } <= before.conflicts


def test_agents_of_one_room_are_one_call(builds: tuple[Build, Build]) -> None:
    before, _ = builds
    assert len(set(calls_of(before, "session_reports", "AJ_agent0", "AJ_agent1"))) == 1


def test_an_older_webhook_takes_its_time_from_what_it_is_about(
    builds: tuple[Build, Build],
) -> None:
    before, _ = builds
    first, second = calls_of(before, "webhooks", "old0", "old1")
    assert first == second
    # 1777622400000 ms in Crockford's base 32: the first ten digits of a ULID of 08:00.
    assert first.startswith("call_01KQH8TF00")


def test_a_room_name_without_a_time_joins_nothing_and_spoils_nothing(
    builds: tuple[Build, Build],
) -> None:
    before, _ = builds
    assert "livekit.webhooks:timeless" not in before.calls
    (room,) = calls_of(before, "webhooks", "old0")
    assert calls_of(before, "session_reports", "AJ_front") == [room]


def test_an_id_keeps_the_time_that_its_first_version_stated(
    builds: tuple[Build, Build],
) -> None:
    before, after = builds
    (kept,) = calls_of(before, "session_reports", "AJ_again")
    assert calls_of(after, "session_reports", "AJ_again") == [kept]


def test_a_minted_id_cannot_be_that_of_another_call(builds: tuple[Build, Build]) -> None:
    before, after = builds
    (kept,) = calls_of(before, "session_reports", "AJ_again")
    assert calls_of(after, "webhooks", "thief") != [kept]
    assert ("canonical_call_id", kept, "minted_id_taken") in after.conflicts
    assert kept not in after.redirects


def test_malformed_values_are_published_as_hashes(builds: tuple[Build, Build]) -> None:
    before, _ = builds
    values = [value for _, value, reason in before.conflicts if reason == "malformed"]
    assert [len(value) for value in values] == [len("sha256:") + 16]
    assert FREE_TEXT not in values


def test_two_events_with_one_webhook_id_are_both_kept(builds: tuple[Build, Build]) -> None:
    _, after = builds
    both = [record for record in after.calls if record.startswith("livekit.webhooks:twice")]
    assert len(both) == len({after.call_of(record) for record in both}) == 2
    assert after.unaccounted == 0
