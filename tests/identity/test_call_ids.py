"""What happens to calls and their IDs when more records land (promises 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.identity.warehouse import RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")

CONTACT, OTHER_CONTACT = (
    "6f0b7f6e-0000-4000-a000-000000000001",
    "6f0b7f6e-0000-4000-a000-000000000002",
)
LEG, OTHER_LEG = "CA" + "1" * 32, "CA" + "2" * 32
MINTED = "call_01KQG9Z5FR0000000000000000"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
FIRST, LATER = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)


def contact(contact_id: str, hour: int, **attributes: str) -> tuple[str, dict[str, Any]]:
    return contact_id, {
        "ContactId": contact_id,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": f"2026-05-01T{hour:02}:00:00Z",
        "DisconnectTimestamp": f"2026-05-01T{hour:02}:05:00Z",
        "LastUpdateTimestamp": f"2026-05-01T{hour:02}:06:00Z",
        "Attributes": attributes,
    }


def leg(sid: str, hour: int, parent: str | None = None) -> tuple[str, dict[str, Any]]:
    at = f"Fri, 01 May 2026 {hour:02}:01:00 +0000"
    return sid, {
        "sid": sid,
        "parent_call_sid": parent,
        "direction": "inbound",
        "date_created": at,
        "date_updated": at,
        "start_time": at,
        "end_time": f"Fri, 01 May 2026 {hour:02}:05:00 +0000",
    }


def joined(key: str, at: int, room: str, **attributes: str) -> tuple[str, dict[str, Any]]:
    return key, {
        "id": key,
        "event": "participant_joined",
        "createdAt": str(at),
        "room": {"sid": room, "name": "front desk"},
        "participant": {"sid": f"PA_{key}", "kind": "SIP", "attributes": attributes},
    }


def span(
    number: int, job: str | None, room: str | None, parent: int = 0
) -> tuple[str, dict[str, Any]]:
    start = 1_777_622_400_000_000_000 + number * 3_600_000_000_000
    ids = {"lk.job_id": job, "lk.room_sid": room}
    return f"{TRACE}:{number:016x}", {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "name": "agent_turn",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 10**9),
        "attributes": {name: value for name, value in ids.items() if value},
    }


@dataclass
class Build:
    """What one build says: record -> calls, and the two published tables."""

    calls: dict[str, set[str]]
    redirects: dict[str, str]
    conflicts: set[tuple[str, str, str]]
    unaccounted: int

    def call_of(self, record: str) -> str:
        (call,) = self.calls[record]
        return call


def build(zone: RedactedZone, dbt: DbtBuilds, home: Path) -> Build:
    """The zone as it stands, from nothing: every build is a full refresh."""
    warehouse = home / str(len(zone.objects)) / "warehouse.duckdb"
    with zone.build(dbt, warehouse, tested=False) as connection:
        calls: dict[str, set[str]] = {}
        for record, call in connection.execute(
            "select record_id, canonical_call_id from identity.int_identity__record_call"
        ).fetchall():
            calls.setdefault(record, set()).add(call)
        redirects = connection.execute(
            "select old_call_id, canonical_call_id from marts.call_redirect"
        )
        found = dict(redirects.fetchall())
        conflicts = connection.execute(
            "select namespace, alias_value, reason from marts.identity_conflict"
        ).fetchall()
        left = connection.execute(
            "select coalesce(sum(abs(unaccounted_count)), 0)"
            " from staging.stg_landing__reconciliation"
        ).fetchone()
    return Build(calls, found, set(conflicts), int(left[0]) if left else -1)


@pytest.fixture(scope="module")
def builds(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> tuple[Build, Build]:
    """A build of one day's landings, and one after more records landed a day later."""
    home = tmp_path_factory.mktemp("calls")
    zone = RedactedZone(home / "redacted")
    zone.land(
        "amazon_connect", "contact_records", [contact(CONTACT, 8), contact(OTHER_CONTACT, 12)]
    )
    minutes = timedelta(minutes=1)
    zone.land("twilio", "calls", [leg(LEG, 8), leg(OTHER_LEG, 12)], FIRST + minutes)
    zone.land(
        "otlp", "spans", [span(1, "AJ_1", "RM_1"), span(2, None, None, 1)], FIRST + 2 * minutes
    )
    ticket = {
        "id": 7,
        "external_id": CONTACT.upper(),
        "created_at": "2026-05-01T09:00:00Z",
        "generated_timestamp": 1777626000,
        "custom_fields": [{"id": 360001, "value": f"{OTHER_LEG}, AJ_unknown"}],
    }
    zone.land("zendesk", "tickets", [("7", ticket), ("8", {"id": 8})], FIRST + 3 * minutes)
    before = build(zone, dbt, home)

    hook = joined(
        "EV_1", 1777622520, "RM_1", **{"sip.twilio.callSid": LEG, "sip.amazon.contactId": CONTACT}
    )
    minted = joined(
        "EV_2",
        1777636920,
        "RM_2",
        **{"sip.twilio.callSid": OTHER_LEG, "sip.h.X-Canonical-Call-Id": MINTED},
    )
    zone.land("livekit", "webhooks", [hook, minted], LATER)
    zone.land("otlp", "spans", [span(3, "AJ_2", "RM_2"), span(4, None, None, 3)], LATER)
    again = contact(CONTACT, 8, language="en")
    again[1]["LastUpdateTimestamp"] = "2026-05-02T00:00:00Z"
    zone.land("amazon_connect", "contact_records", [again], LATER)
    return before, build(zone, dbt, home)


CONTACT_RECORD = f"amazon_connect.contact_records:{CONTACT}"
LEG_RECORD, OTHER_LEG_RECORD = f"twilio.calls:{LEG}", f"twilio.calls:{OTHER_LEG}"


def test_records_without_a_common_alias_are_different_calls(builds: tuple[Build, Build]) -> None:
    before, _ = builds
    ids = {before.call_of(record) for record in (CONTACT_RECORD, LEG_RECORD, OTHER_LEG_RECORD)}
    assert len(ids) == 3


def test_the_earlier_landed_id_stays_and_the_other_redirects(builds: tuple[Build, Build]) -> None:
    before, after = builds
    kept, merged = before.call_of(CONTACT_RECORD), before.call_of(LEG_RECORD)
    assert after.call_of(CONTACT_RECORD) == after.call_of(LEG_RECORD) == kept
    assert after.redirects[merged] == kept


def test_an_id_outlives_a_redelivery_of_its_first_record(builds: tuple[Build, Build]) -> None:
    before, after = builds
    assert after.call_of(CONTACT_RECORD) == before.call_of(CONTACT_RECORD)
    assert after.unaccounted == 0


def test_a_minted_id_becomes_the_id_and_the_derived_one_redirects(
    builds: tuple[Build, Build],
) -> None:
    before, after = builds
    assert after.call_of(OTHER_LEG_RECORD) == MINTED
    assert after.redirects[before.call_of(OTHER_LEG_RECORD)] == MINTED


def test_every_id_of_the_first_build_still_resolves(builds: tuple[Build, Build]) -> None:
    before, after = builds
    current = {call for calls in after.calls.values() for call in calls}
    published = {call for calls in before.calls.values() for call in calls}
    assert {call for call in published if after.redirects.get(call, call) not in current} == set()


def test_a_trace_id_that_turns_bad_joins_nothing_any_more(builds: tuple[Build, Build]) -> None:
    before, after = builds
    assert not before.conflicts
    assert ("otel_trace_id", TRACE, "too_many_anchors") in after.conflicts
    assert after.call_of(f"otlp.spans:{TRACE}:{1:016x}") == after.call_of(CONTACT_RECORD)
    assert after.call_of(f"otlp.spans:{TRACE}:{3:016x}") == MINTED


def test_spans_of_a_poisoned_trace_follow_their_parent(builds: tuple[Build, Build]) -> None:
    _, after = builds
    assert after.call_of(f"otlp.spans:{TRACE}:{2:016x}") == after.call_of(CONTACT_RECORD)
    assert after.call_of(f"otlp.spans:{TRACE}:{4:016x}") == MINTED


def test_a_ticket_belongs_to_both_calls_it_names_and_merges_neither(
    builds: tuple[Build, Build],
) -> None:
    _, after = builds
    assert after.calls["zendesk.tickets:7"] == {after.call_of(CONTACT_RECORD), MINTED}
    assert "zendesk.tickets:8" not in after.calls
