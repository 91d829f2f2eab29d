"""What happens to calls that are published when later records say otherwise, one story a call.

One warehouse is built in part after each day's landing; the random sequences
(``test_sequences.py``) compare with full refreshes, here the expected rows are written down.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.acceptance import Acceptance
from tests.identity.test_call_ids import contact, joined, leg
from tests.identity.warehouse import RedactedZone
from tests.incremental.deliveries import table_hashes
from tests.incremental.runner import DbtBuilds, keep_call_ids

pytestmark = pytest.mark.xdist_group("dbt")

CONTACTS = [f"6f0b7f6e-0000-4000-a000-00000000000{n}" for n in range(10)]
LEGS = ["CA" + f"{n}" * 32 for n in range(10)]
EXCLUSION = "namespace,alias_value,record_id,reason,excluded_by,excluded_at\n"
DAYS = [datetime(2026, 5, n, tzinfo=UTC) for n in range(2, 9)]

ACCEPTED = Acceptance(
    exception_id="2026-05-05-10-00-00.000001-ivr_to_agent-agentSessionId",
    day="2026-05-01",
    route="ivr_to_agent",
    alias="agentSessionId",
    missing=8,
    calls=100,
    reason="a known outage",
    accepted_by="jd",
    accepted_at="2026-05-05T10:00:00Z",
    build_id="build-a",
    limits_version="2026-01-01.2",
)


class Story:
    """The warehouse after each day, as record -> call and old ID -> successors."""

    def __init__(self, dbt: DbtBuilds, home: Path) -> None:
        self.zone = RedactedZone(home / "redacted")
        self.warehouse = home / "warehouse.duckdb"
        self.call_ids = home / "call_ids"
        self.call_ids.mkdir()
        self.accepted = home / "accepted"
        self.accepted.mkdir()
        for folder in (self.call_ids, self.accepted):
            (folder / "_none.json").write_text("")
        others = {"CALLSTORY_ACCEPTED_DIR": str(self.accepted)}
        self.builds = dbt.over(self.zone.root, self.call_ids, others, in_memory=True)
        self.calls: list[dict[str, str]] = []
        self.redirects: list[dict[str, set[str]]] = []
        self.hashes: list[dict[str, Any]] = []

    def build(self, *, without: Sequence[str] = ("unit_test", "test")) -> None:
        """Build and keep what a reader would see."""
        self.builds.build(warehouse=self.warehouse, without=without)
        keep_call_ids(self.warehouse, self.call_ids, len(self.calls))
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select record_id, canonical_call_id from identity.int_identity__record_call"
            ).fetchall()
            found: dict[str, set[str]] = {}
            for old, new in connection.execute(
                "select old_call_id, canonical_call_id from marts.call_redirect"
            ).fetchall():
                found.setdefault(old, set()).add(new)
        self.calls.append(dict(rows))
        self.redirects.append(found)
        self.hashes.append(table_hashes(self.warehouse))

    def of(self, day: int, stream: str, key: str) -> str:
        return self.calls[day][f"{stream}:{key}"]


def _changed(record: tuple[str, dict[str, Any]], **attributes: str) -> tuple[str, dict[str, Any]]:
    key, body = json.loads(json.dumps(record))
    body["LastUpdateTimestamp"] = "2026-05-09T00:00:00Z"
    return key, {**body, "Attributes": attributes}


@pytest.fixture(scope="module")
def story(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = Story(dbt, tmp_path_factory.mktemp("stories"))
    zone = told.zone
    # Day 0. Calls 1 and 2 share nothing; call 3 is tied by a contact's attribute.
    zone.land(
        "amazon_connect",
        "contact_records",
        [contact(CONTACTS[n], 8 + n, **({"twilioCallSid": LEGS[3]} if n == 3 else {}))
         for n in (1, 2, 3)],
        DAYS[0],
    )  # fmt: skip
    zone.land("twilio", "calls", [leg(LEGS[n], 8 + n) for n in (1, 3)], DAYS[0])
    told.build()
    # Before day 1 an operator accepts what a gate blocked.
    (told.accepted / "1.json").write_text(json.dumps(ACCEPTED.to_json()) + "\n")
    # Day 1, a day late: what ties 1 together; 3 is corrected and comes apart.
    tie = {"sip.twilio.callSid": LEGS[1], "sip.amazon.contactId": CONTACTS[1]}
    zone.land("livekit", "webhooks", [joined("EV_1", 1777626060, "RM_1", **tie)], DAYS[1])
    zone.land("amazon_connect", "contact_records", [_changed(contact(CONTACTS[3], 11))], DAYS[1])
    told.build()
    # Day 2: people exclude what ties 1 together. Day 3: they take that back.
    told.builds.exclusions.write_text(
        f"{EXCLUSION}twilio_call_sid,{LEGS[1]},livekit.webhooks:EV_1,wrong,qa,2026-05-05 10:00:00\n"
    )
    told.build()
    told.builds.exclusions.write_text(EXCLUSION)
    told.build()
    # Day 4: another call lands. Day 5: its object is erased.
    zone.land("amazon_connect", "contact_records", [contact(CONTACTS[7], 15)], DAYS[4])
    told.build()
    (zone.root / f"{zone.objects[-1]}.parquet").unlink()
    (zone.root / "_objects" / f"{len(zone.objects) - 1:04d}.json").unlink()
    told.build()
    yield told
    shutil.rmtree(told.warehouse.parent, ignore_errors=True)


def test_two_published_calls_that_a_late_record_joins_keep_the_older_id(story: Story) -> None:
    older = story.of(0, "amazon_connect.contact_records", CONTACTS[1])
    merged = story.of(0, "twilio.calls", LEGS[1])
    assert older != merged
    assert story.of(1, "twilio.calls", LEGS[1]) == older
    assert story.of(1, "amazon_connect.contact_records", CONTACTS[1]) == older
    assert story.redirects[1][merged] == {older}


def test_a_call_that_a_correction_splits_leads_to_both_parts(story: Story) -> None:
    whole = story.of(0, "twilio.calls", LEGS[3])
    assert whole == story.of(0, "amazon_connect.contact_records", CONTACTS[3])
    parts = {
        story.of(1, "twilio.calls", LEGS[3]),
        story.of(1, "amazon_connect.contact_records", CONTACTS[3]),
    }
    assert len(parts) == 2
    assert whole in parts, "the part with the earliest landed record keeps the ID"
    assert story.redirects[1][whole] == parts - {whole}


def test_an_exclusion_undoes_a_merge_and_its_end_restores_it(story: Story) -> None:
    apart = story.calls[2]
    assert apart[f"twilio.calls:{LEGS[1]}"] == story.of(0, "twilio.calls", LEGS[1])
    assert apart["livekit.webhooks:EV_1"] == story.of(1, "livekit.webhooks", "EV_1")
    assert story.hashes[3] == story.hashes[1], "byte for byte, redirects included"


def test_a_call_that_nothing_touches_keeps_its_rows(story: Story) -> None:
    """Contact 2 is in no delivery after the first: whatever ran, it is the same call."""
    ids = {calls[f"amazon_connect.contact_records:{CONTACTS[2]}"] for calls in story.calls}
    assert len(ids) == 1


def test_an_erased_object_takes_its_calls_along(story: Story) -> None:
    gone = f"amazon_connect.contact_records:{CONTACTS[7]}"
    assert gone in story.calls[4]
    assert gone not in story.calls[5]
    without_redirects = {k: v for k, v in story.hashes[3].items() if k != "call_redirect"}
    assert {k: v for k, v in story.hashes[5].items() if k != "call_redirect"} == without_redirects


def test_a_mart_refreshed_alone_fails_and_changes_nothing(story: Story) -> None:
    before = table_hashes(story.warehouse)
    with pytest.raises(AssertionError, match="int_calls__record"):
        story.builds.build(warehouse=story.warehouse, full_refresh=True, select=("call_record",))
    assert table_hashes(story.warehouse) == before


def test_what_was_accepted_is_a_table(story: Story) -> None:
    """Also for a run that goes on from another: the log is read whole each time."""
    with duckdb.connect(str(story.warehouse), read_only=True) as connection:
        (row,) = connection.execute("from marts.gate_exception").fetchall()
    written = ACCEPTED.to_json()
    told = [str(cell) for cell in row]
    assert told[1] == written["day"]
    assert told[8] == "2026-05-05 10:00:00"
    assert [told[n] for n in (0, 2, 3, 4, 5, 6, 7, 9, 10)] == [
        str(value) for name, value in written.items() if name not in {"day", "accepted_at"}
    ]
