"""The providers' own sample payloads land, are redacted and staged without a reject.

Expected values were read off the sample files themselves.
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import land_stream
from ingest.redaction import redact_stream
from ingest.registry import all_streams, get_stream
from ingest.settings import Settings
from orchestration.build import redacted_dir
from tests.incremental.runner import DbtBuilds
from tests.landed import land_items

pytestmark = pytest.mark.xdist_group("dbt")

CONTACT = "5a4e9dd6-0000-4000-8000-0123456789ab"
ANALYSED = date(2023, 3, 4)


def samples(folder: Path, pattern: str, member: str) -> list[bytes]:
    """The records under ``member`` of every sample page, and of the vendor's test bodies."""
    found: list[Any] = []
    for path in sorted(folder.glob(pattern)):
        page = json.loads(path.read_text())
        pages = [page] if member in page else list(page.values())
        found += [
            record for one in pages if isinstance(one, dict) for record in one.get(member, [])
        ]
    return [json.dumps(record).encode() for record in found]


def write_drops(contracts: Path, drops: Path) -> None:
    connect = drops / "amazon_connect"
    lens = connect / "contact_lens" / "Analysis" / "Voice"
    day = f"{ANALYSED:%Y/%m/%d}"
    for kind, folder, mark in (
        ("original", lens, ""),
        ("redacted", lens / "Redacted", "redacted_"),
    ):
        (folder / day).mkdir(parents=True, exist_ok=True)
        name = f"{CONTACT}_analysis_{mark}{ANALYSED}T11:22:33Z.json"
        shutil.copy(
            contracts / "amazon_connect" / f"contact_lens_voice_{kind}.json", folder / day / name
        )
    logs = connect / "flow_logs" / day / "11"
    logs.mkdir(parents=True)
    for name in ("flow_log_SetQueue.json", "flow_log_third_party.jsonl"):
        shutil.copy(contracts / "amazon_connect" / name, logs)
    pairs = json.loads(
        (contracts / "crm_salesforce" / "scv_ctr_to_voicecall_update_pairs.json").read_text()
    )
    records = connect / "contact_records" / day / "11"
    records.mkdir(parents=True)
    dated = [pair["ctr"] for pair in pairs if pair["ctr"].get("InitiationTimestamp")]
    (records / "delivery").write_text("".join(json.dumps(ctr, indent=1) for ctr in dated))
    hooks = drops / "livekit" / "webhooks" / day / "11"
    hooks.mkdir(parents=True)
    shutil.copy(contracts / "livekit" / "webhook_room_started.python-sdks.json", hooks)
    spans = (
        drops
        / "otlp"
        / "spans"
        / f"year={ANALYSED:%Y}/month={ANALYSED:%m}/day={ANALYSED:%d}/hour=11/minute=00"
    )
    spans.mkdir(parents=True)
    shutil.copy(contracts / "otel" / "otlp_trace.json", spans / "traces_1.json")


@pytest.fixture(scope="module")
def staged(
    contracts_dir: Path, dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    home = tmp_path_factory.mktemp("samples")
    write_drops(contracts_dir, home / "drops")
    settings = Settings(
        data_dir=home,
        landing=str(home / "landing"),
        redacted=str(home / "redacted"),
        published=str(home / "published"),
        warehouse=home / "warehouse.duckdb",
        token_key=b"k" * 32,
        drops={p: str(home / "drops" / p) for p in ("amazon_connect", "livekit", "otlp")},
        workers=1,
    )
    twilio = contracts_dir / "twilio"
    pages = {
        "calls": ("*_api_Calls_read*.json", "calls"),
        "recordings": ("*_api_*ecordings_read*.json", "recordings"),
        "summaries": ("*_insights_Summaries_*.json", "call_summaries"),
        "events": ("*_insights_CallSid_Events_*.json", "events"),
    }
    for name, (pattern, member) in pages.items():
        attempt = land_items(settings, get_stream("twilio", name), samples(twilio, pattern, member))
        assert attempt.rejected == 0
        assert attempt.records_landed > 0
    for name, file in (
        ("calls", "calls"),
        ("recordings", "recordings"),
        ("summaries", "summaries"),
        ("events", "events"),
    ):
        body = samples(twilio, f"twilio-python_*_tests_{file}.json", pages[name][1])
        assert land_items(settings, get_stream("twilio", name), body).rejected == 0
    zendesk = json.loads(
        (
            contracts_dir
            / "crm_zendesk"
            / "zendesk_incremental_tickets_cursor.repaired.openapi.json"
        ).read_text()
    )
    example = zendesk["components"]["schemas"]["CursorBasedExportIncrementalTicketsResponse"][
        "example"
    ]
    tickets = [json.dumps(ticket).encode() for ticket in example["tickets"]]
    assert land_items(settings, get_stream("zendesk", "tickets"), tickets).rejected == 0
    for stream in all_streams():
        if stream.kind == "drop":
            assert land_stream(settings, stream, [ANALYSED]).rejected == 0
        assert redact_stream(settings, stream).rejected == 0
    builds = dbt.over(redacted_dir(settings))
    builds.build(warehouse=settings.warehouse, select=("+staging",), without=("unit_test",))
    return duckdb.connect(str(settings.warehouse), read_only=True)


def rows(staged: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return staged.execute(query).fetchall()


def test_nothing_was_rejected_and_every_record_is_accounted_for(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(staged, "select count(*) from staging.stg_landing__reject") == [(0,)]
    received = "select sum(received_count) from staging.stg_landing__reconciliation"
    assert rows(staged, received)[0][0] > 20


def test_a_twilio_call_keeps_its_parent_and_its_times_in_utc(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    query = (
        "select parent_call_sid, direction, status, duration_ms, created_at, started_at, ended_at,"
        " queue_time_ms"
    )
    found = rows(
        staged, f"{query} from staging.stg_twilio__call where call_sid = 'CA' || repeat('a', 32)"
    )
    at = lambda hour, minute: datetime(2019, 10, 18, hour, minute)  # noqa: E731
    assert found == [
        (
            "CA" + "deadbeef" * 4,
            "outbound-api",
            "completed",
            4000,
            at(17, 0),
            at(17, 2),
            at(17, 3),
            1000,
        )
    ]


def test_no_number_of_the_samples_reaches_the_warehouse(staged: duckdb.DuckDBPyConnection) -> None:
    query = "select from_token, to_token from staging.stg_twilio__call"
    tokens = [cell for row in rows(staged, query) for cell in row if cell]
    assert tokens
    assert all(token.startswith("tok_") for token in tokens)


def test_a_summary_gives_quality_and_the_side_that_hung_up(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    query = (
        "select processing_state, disconnected_by, last_sip_response, post_dial_delay_ms from"
        " staging.stg_twilio__call_summary where call_sid = 'CA' || repeat('a', 32)"
    )
    # The samples show this call as several complete summaries: one of them, whole, is kept.
    shown = {("complete", "caller", 200, 1990.0), ("complete", "callee", 200, 121.0)}
    shown |= {("complete", "callee", 200, pdd) for pdd in (58.0, 35.0, 315.0)}
    found = rows(staged, query)
    assert len(found) == 1
    assert found[0] in shown


def test_the_newest_version_of_a_recording_wins(staged: duckdb.DuckDBPyConnection) -> None:
    """One SID is completed in 2016 and, with the offset +0100, deleted in 2022."""
    query = "select recording_sid, call_sid, status from staging.stg_twilio__recording order by 1"
    assert rows(staged, query) == [
        ("RE" + "a" * 32, "CA" + "a" * 32, "deleted"),
        ("RE" + "a" * 31 + "b", "CA" + "a" * 31 + "b", "completed"),
    ]


def test_flow_logs_keep_block_type_flow_and_milliseconds(staged: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select contact_id, flow_name, module_type, occurred_at"
        " from staging.stg_amazon_connect__flow_log order by occurred_at"
    )
    assert rows(staged, query) == [
        (
            "11111111-2222-3333-4444-555555555555",
            None,
            "SetQueue",
            datetime(2021, 4, 13, 0, 14, 31, 581000),
        ),
        (
            "87367aaf-99c3-441c-89c1-c8c25bf379a7",
            "AX채널Lab",
            "SetLoggingBehavior",
            datetime(2025, 8, 4, 1, 43, 19, 241000),
        ),
        ("xx-xx", "DemoFlow-lambda", "SetAttributes", datetime(2026, 7, 29, 3, 18, 43, 880000)),
    ]


def test_both_contact_lens_twins_stage_under_the_contact_of_their_name(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    query = "select contact_id, artefact from staging.stg_amazon_connect__contact_lens order by 2"
    assert rows(staged, query) == [(CONTACT, "original"), (CONTACT, "redacted")]


def test_contact_records_keep_the_chain(staged: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select previous_contact_id, initiation_method, disconnect_reason"
        " from staging.stg_amazon_connect__contact_record"
        " where contact_id = '1e67e495-edea-488e-b7cf-359e2f4ebfc1'"
    )
    assert ("0eeeb618-d2a9-46ce-9ad9-0c76a60cff8e", "TRANSFER", "TELECOM_PROBLEM") in rows(
        staged, query
    )


def test_a_livekit_webhook_keeps_room_and_second(staged: duckdb.DuckDBPyConnection) -> None:
    """The sample's room is "Demo Room": a blank is in no identifier, so a token stands for it."""
    columns = "event_id, event_name, room_sid, room_name like 'tok!_%' escape '!', occurred_at"
    query = f"select {columns} from staging.stg_livekit__webhook"
    at = datetime(2023, 8, 25, 17, 45, 56)
    assert rows(staged, query) == [("EV_eugWmGhovZmm", "room_started", "RM_hycBMAjmt6Ub", True, at)]


def test_a_span_has_lower_case_ids_and_nanosecond_times(staged: duckdb.DuckDBPyConnection) -> None:
    columns = "trace_id, span_id, parent_span_id, span_name, started_at, ended_at"
    query = f"select {columns} from staging.stg_otlp__span"
    assert rows(staged, query) == [
        (
            "5b8efff798038103d269b633813fc60c",
            "eee19b7ec3c1b174",
            "eee19b7ec3c1b173",
            "I'm a server span",
            datetime(2018, 12, 13, 14, 51),
            datetime(2018, 12, 13, 14, 51, 1),
        )
    ]


def test_a_ticket_keeps_its_external_id_status_and_version(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    query = "select ticket_id, external_id, status, source_version from staging.stg_zendesk__ticket"
    assert rows(staged, query) == [("35436", "ahg35h3jh", "open", 1304553600 * 1_000_000)]
