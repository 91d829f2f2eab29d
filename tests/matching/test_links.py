"""Calls that share no identifier are linked, shown as guesses, and unlinked by what comes later.

S0-169, S0-170; promises 2 and 6. One zone of hand-made records, built in part after each landing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.identity.warehouse import RedactedZone
from tests.incremental.deliveries import table_hashes
from tests.incremental.runner import DbtBuilds
from tests.matching.fixed import fixed_calibration

pytestmark = pytest.mark.xdist_group("dbt")

LEG, FAR_LEG = "CA" + "1" * 32, "CA" + "2" * 32
ROOM, SECOND_ROOM, FAR_ROOM = "RM_first00001", "RM_second0002", "RM_faraway003"
ADA, BOB = "tok_" + "a" * 32, "tok_" + "b" * 32
TEN = 1_777_629_600  # 2026-05-01 10:00:00 UTC


def leg(sid: str, at: int, seconds: int, caller: str) -> tuple[str, dict[str, Any]]:
    """A Twilio call of a trunk, whose other end is an agent that no record names."""

    def told(epoch: int) -> str:
        return datetime.fromtimestamp(epoch, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")

    return sid, {
        "sid": sid,
        "direction": "inbound",
        "status": "completed",
        "from": caller,
        "to": "tok_" + "c" * 32,
        "date_created": told(at),
        "date_updated": told(at + seconds),
        "start_time": told(at),
        "end_time": told(at + seconds),
    }


def session(
    room: str, at: int, seconds: int, caller: str, **more: str
) -> list[tuple[str, dict[str, Any]]]:
    """The caller joins a room and leaves it."""
    records = []
    for name, when in (("participant_joined", at), ("participant_left", at + seconds)):
        key = f"EV_{room}_{name}"
        participant = {
            "sid": f"PA_{room}",
            "kind": "SIP",
            "joinedAt": str(at),
            "attributes": {"sip.phoneNumber": caller, **more},
        }
        body = {"id": key, "event": name, "createdAt": str(when), "participant": participant}
        records.append((key, {**body, "room": {"sid": room, "name": room.lower()}}))
    return records


@dataclass
class Built:
    """What one build shows: links by (call's own side, other side), aliases, call records."""

    links: dict[tuple[str, str], dict[str, Any]]
    aliases: list[dict[str, Any]]
    calls: dict[str, dict[str, Any]]
    hashes: dict[str, tuple[object, ...]]

    def guessed(self) -> set[tuple[str, str]]:
        """The guessed aliases, as (namespace, value)."""
        return {
            (row["namespace"], row["alias_value"])
            for row in self.aliases
            if row["link_method"] == "heuristic"
        }


class Zone:
    """A zone that grows, and its warehouse."""

    def __init__(self, dbt: DbtBuilds, home: Path) -> None:
        self.dbt, self.home = dbt, home
        self.zone = RedactedZone(home / "redacted")
        self.calibration = fixed_calibration(home / "calibration", ["telephony_agent"])

    def land(self, provider: str, stream: str, records: list[tuple[str, dict[str, Any]]]) -> None:
        self.zone.land(provider, stream, records)

    def build(
        self,
        warehouse: str = "warehouse",
        environment: Mapping[str, str] | None = None,
        *,
        tested: bool = False,
    ) -> Built:
        """Build what changed in the named warehouse, where ``tested`` with every data test."""
        file = self.home / warehouse / "warehouse.duckdb"
        file.parent.mkdir(exist_ok=True)
        matching = {"CALLSTORY_MATCHING_DIR": str(self.calibration)}
        self.dbt.over(self.zone.root, None, matching if environment is None else environment)
        self.dbt.build(warehouse=file, without=("unit_test",) if tested else ("unit_test", "test"))
        with duckdb.connect(str(file), read_only=True) as connection:

            def rows(table: str) -> list[dict[str, Any]]:
                found = connection.execute(f"select * from marts.{table}")
                names = [column[0] for column in found.description or []]
                return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

            links = {(row["own_side_id"], row["other_side_id"]): row for row in rows("call_link")}
            calls = {row["canonical_call_id"]: row for row in rows("call_record")}
            aliases = rows("call_alias")
        return Built(links, aliases, calls, table_hashes(file))


@pytest.fixture(scope="module")
def told(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """One zone after each landing, and what other settings make of the first state."""
    zone = Zone(dbt, tmp_path_factory.mktemp("links"))
    zone.land("twilio", "calls", [leg(LEG, TEN, 90, ADA), leg(FAR_LEG, TEN + 40_000, 30, BOB)])
    zone.land("livekit", "webhooks", session(ROOM, TEN + 1, 88, ADA))
    found = {"linked": zone.build()}
    on = {"CALLSTORY_MATCHING_DIR": str(zone.calibration)}
    found["switched_off"] = zone.build("off", {**on, "CALLSTORY_HEURISTIC_LINKS": "off"})
    unproved = fixed_calibration(zone.home / "unproved", ["telephony_agent"], precision_low=0.979)
    found["unproved"] = zone.build("unproved_", {"CALLSTORY_MATCHING_DIR": str(unproved)})
    zone.land("livekit", "webhooks", session(FAR_ROOM, TEN + 43_000, 20, BOB))
    found["unrelated"] = zone.build()
    zone.land("livekit", "webhooks", session(SECOND_ROOM, TEN + 1, 88, ADA))
    found["crowded"] = zone.build(tested=True)
    # One record of the first session says which leg it was.
    key, body = session(ROOM, TEN + 1, 88, ADA, **{"sip.twilio.callSid": LEG})[0]
    zone.land("livekit", "webhooks", [(key + "_2", {**body, "id": key + "_2"})])
    found["explicit"] = zone.build(tested=True)
    found["anew"] = zone.build("anew")
    return found


def side_of(built: Built, prefix: str) -> str:
    (side,) = {own for own, _ in built.links if own.startswith(prefix)}
    return side


def test_a_link_stands_under_both_calls_with_its_evidence(told: dict[str, Built]) -> None:
    built = told["linked"]
    leg_side, agent_side = side_of(built, "telephony:"), side_of(built, "agent:")
    assert set(built.links) == {(leg_side, agent_side), (agent_side, leg_side)}
    link, back = built.links[leg_side, agent_side], built.links[agent_side, leg_side]
    assert (link["status"], link["link_method"], link["reason"]) == ("linked", "heuristic", None)
    assert link["linked_call_id"] == back["canonical_call_id"]
    assert (link["start_difference_ms"], link["end_difference_ms"]) == (1000, -1000)
    assert link["caller_match"] == "equal"
    weights = sum(value for name, value in link.items() if name.endswith("_weight"))
    assert link["evidence"] == pytest.approx(weights)
    assert 0.9 < link["confidence"] < 1
    assert link["calibration_version"] == "calibration"


def test_guessed_aliases_are_marked_and_customers_are_not_taken_over(
    told: dict[str, Built],
) -> None:
    built = told["linked"]
    assert built.guessed() == {
        ("twilio_call_sid", LEG), ("livekit_room_sid", ROOM), ("livekit_room_name", ROOM.lower()),
        ("livekit_participant_sid", f"PA_{ROOM}"),
    }  # fmt: skip
    for row in built.aliases:
        assert (row["confidence"] == 1) == (row["link_method"] == "explicit")


def test_a_call_says_on_what_it_rests(told: dict[str, Built]) -> None:
    built = told["linked"]
    by_side = {
        own.split(":")[0]: link["canonical_call_id"] for (own, _), link in built.links.items()
    }
    leg_call, agent_call = built.calls[by_side["telephony"]], built.calls[by_side["agent"]]
    assert leg_call["identity_basis"] == "heuristic", "one record, joined by a guess alone"
    assert agent_call["identity_basis"] == "mixed", "two records share a room"
    link = next(iter(built.links.values()))
    assert leg_call["lowest_confidence"] == link["confidence"] < 1
    others = [c for c in built.calls.values() if c not in (leg_call, agent_call)]
    assert [c["identity_basis"] for c in others] == ["explicit"]
    assert [c["lowest_confidence"] for c in others] == [1.0]


def test_with_the_switch_off_no_guess_is_shown(told: dict[str, Built]) -> None:
    built = told["switched_off"]
    assert not built.links
    assert not built.guessed()
    assert {call["identity_basis"] for call in built.calls.values()} == {"explicit"}


def test_a_pair_of_sides_whose_precision_is_not_proved_stays_a_candidate(
    told: dict[str, Built],
) -> None:
    built = told["unproved"]
    assert {link["status"] for link in built.links.values()} == {"candidate"}
    assert {link["reason"] for link in built.links.values()} == {"precision_not_proved"}
    assert not built.guessed()


def test_an_unrelated_call_changes_no_link(told: dict[str, Built]) -> None:
    assert told["unrelated"].links == told["linked"].links
    assert len(told["unrelated"].calls) == len(told["linked"].calls) + 1


def test_a_second_session_that_fits_as_well_unmakes_the_link(told: dict[str, Built]) -> None:
    built = told["crowded"]
    assert {link["status"] for link in built.links.values()} == {"ambiguous"}
    assert len(built.links) == 4, "one leg and two sessions, each link from both ends"
    assert not built.guessed()


def test_explicit_evidence_removes_the_guess(told: dict[str, Built]) -> None:
    built = told["explicit"]
    assert len(built.calls) == len(told["crowded"].calls) - 1
    assert not built.links, "the leg has its session, and the second session no leg"
    assert not built.guessed()


def test_what_was_built_in_part_equals_what_is_built_anew(told: dict[str, Built]) -> None:
    """All but the redirects, which lead from the ID that the session's call had meanwhile."""
    in_part, anew = (
        {table: found for table, found in told[state].hashes.items() if table != "call_redirect"}
        for state in ("explicit", "anew")
    )
    assert in_part == anew
