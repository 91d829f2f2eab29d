"""Amazon Connect: keys and days of the vendor's samples, and its drops."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.fields import FieldError
from ingest.landing import land_stream
from ingest.providers.amazon_connect import LensName, lens_name
from ingest.registry import get_stream
from tests.ingest.helpers import DAY, landed, rejected, settings_in

CONTACT_RECORDS = get_stream("amazon_connect", "contact_records")
FLOW_LOGS = get_stream("amazon_connect", "flow_logs")
CONTACT_LENS = get_stream("amazon_connect", "contact_lens")
CONTACT = "1e67e495-edea-488e-b7cf-359e2f4ebfc1"


def drop(home: Path, key: str, data: bytes) -> None:
    path = home / "drops" / "amazon_connect" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_contact_record_of_the_vendors_pairs(contracts_dir: Path) -> None:
    pairs = json.loads(
        (contracts_dir / "crm_salesforce/scv_ctr_to_voicecall_update_pairs.json").read_text()
    )
    record = pairs[0]["ctr"]
    assert CONTACT_RECORDS.key(record) == CONTACT
    assert CONTACT_RECORDS.day(record) == date(2020, 8, 7)
    with pytest.raises(FieldError, match="InitiationTimestamp"):
        CONTACT_RECORDS.day(pairs[1]["ctr"])


def test_flow_log_samples(contracts_dir: Path) -> None:
    folder = contracts_dir / "amazon_connect"
    vendors = json.loads((folder / "flow_log_SetQueue.json").read_text())
    assert FLOW_LOGS.day(vendors) == date(2021, 4, 13)
    lines = (folder / "flow_log_third_party.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert [FLOW_LOGS.day(record) for record in found] == [date(2025, 8, 4), date(2026, 7, 29)]
    assert len({FLOW_LOGS.key(record) for record in [vendors, *found]}) == 3


def test_contact_lens_twins_are_told_apart_by_name_or_by_document(
    contracts_dir: Path, tmp_path: Path
) -> None:
    for twin, name in (
        ("original", f"Analysis/Voice/2026/05/01/{CONTACT}_analysis_2026-04-30T23:59:58Z.json"),
        (
            "redacted",
            f"Analysis/Voice/Redacted/2026/05/01/{CONTACT}_analysis_2026-05-01T000010Z.json",
        ),
    ):
        document = contracts_dir / f"amazon_connect/contact_lens_voice_{twin}.json"
        drop(tmp_path, f"contact_lens/{name}", document.read_bytes())
    settings = settings_in(tmp_path)
    outcome = land_stream(settings, CONTACT_LENS, [DAY])
    assert (outcome.records_landed, outcome.rejected) == (2, 0)
    assert outcome.days_touched == {date(2026, 4, 30), date(2026, 5, 1)}
    found = [json.loads(line) for lines in landed(settings, "amazon").values() for line in lines]
    assert [CONTACT_LENS.key(record) for record in found] == [
        f"{CONTACT}:original",
        f"{CONTACT}:redacted",
    ]
    assert found[0].keys() == {"source_name", "document"}
    assert found[0]["source_name"] == f"{CONTACT}_analysis_2026-04-30T23:59:58Z.json"
    assert found[0]["document"]["ContentMetadata"] == {"Output": "Raw"}


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("c1_analysis_2020-02-04T21:14:16Z.json", LensName("c1", False, "2020-02-04T21:14:16Z")),
        (
            "a/b/c1_analysis_redacted_2020-02-04T21:14:16Z.json",
            LensName("c1", True, "2020-02-04T21:14:16Z"),
        ),
        (
            "c1_analysis_2020-02-04T21%3A14%3A16Z.json",
            LensName("c1", False, "2020-02-04T21:14:16Z"),
        ),
        ("c1_analysis_2020-02-04T21_14_16Z.json", LensName("c1", False, "2020-02-04T21:14:16Z")),
        ("c1_analysis_2020-02-04T21:14Z.json", LensName("c1", False, "2020-02-04T21:14:00Z")),
        ("c1_analysis.json", LensName("c1", False, None)),
        ("c1_analysis_redacted.json", LensName("c1", True, None)),
    ],
)
def test_contact_lens_names(name: str, read: LensName) -> None:
    assert lens_name(name) == read


def test_a_name_without_contact_is_a_reject_and_without_time_takes_the_folders_day(
    tmp_path: Path,
) -> None:
    folder = "contact_lens/Analysis/Voice/2026/05/01"
    drop(tmp_path, f"{folder}/{CONTACT}_analysis.json", b'{"Version": "x"}')
    drop(tmp_path, f"{folder}/notes.json", b'{"Version": "y"}')
    settings = settings_in(tmp_path)
    outcome = land_stream(settings, CONTACT_LENS, [DAY])
    assert outcome.days_touched == {DAY}
    assert rejected(settings, CONTACT_LENS.prefix) == {
        "no_key": b'{"source_name":"2026/05/01/notes.json","document":{"Version": "y"}}'
    }


def test_a_delivery_stream_concatenates_and_days_have_their_folder(tmp_path: Path) -> None:
    def record(contact: str, at: str) -> bytes:
        return b'{"contactId":"%s","InitiationTimestamp":"%s"}' % (contact.encode(), at.encode())

    first, second = record("a", "2026-05-01T10:00:00Z"), record("b", "2026-04-30T23:59:59Z")
    third = record("c", "2026-05-02T00:00:01Z")
    drop(tmp_path, "contact_records/2026/05/01/10/records-1", first + second)
    drop(tmp_path, "contact_records/2026/05/02/00/records-2", third)
    drop(tmp_path, "contact_records/2026/05/01/10/_SUCCESS", b"marker")
    settings = settings_in(tmp_path)
    assert land_stream(settings, CONTACT_RECORDS, [DAY]).records_landed == 2
    lines = landed(settings, CONTACT_RECORDS.prefix)
    assert {key.split("/")[2]: value for key, value in lines.items()} == {
        "dt=2026-05-01": [first],
        "dt=2026-04-30": [second],
    }
