"""What the vendors' own sample payloads must yield in staging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.identity.warehouse import RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")


@pytest.fixture(scope="module")
def staged(
    contracts_dir: Path, dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The samples as they stand, staged."""
    home = tmp_path_factory.mktemp("samples")
    zone = RedactedZone(home / "redacted")

    def sample(name: str) -> Any:
        return json.loads((contracts_dir / name).read_text())

    contact = sample("crm_salesforce/scv_ctr_to_voicecall_update_pairs.json")[0]["ctr"]
    zone.land("amazon_connect", "contact_records", [(contact["ContactId"], contact)])
    lines = (contracts_dir / "amazon_connect/flow_log_third_party.jsonl").read_text().splitlines()
    logs = [*map(json.loads, lines), sample("amazon_connect/flow_log_SetQueue.json")]
    zone.land("amazon_connect", "flow_logs", [(str(i), log) for i, log in enumerate(logs)])
    lens = {
        "contact_id": "c-1",
        "artefact": "redacted",
        "analysed_at": "2023-06-01T10:00:00Z",
        "document": sample("amazon_connect/contact_lens_voice_redacted.json"),
    }
    zone.land("amazon_connect", "contact_lens", [("c-1:redacted", lens)])
    call = sample("twilio/sample_api_Calls_Sid_fetch.json")
    zone.land("twilio", "calls", [(call["sid"], call)])
    deleted = sample("twilio/sample_api_Recordings_Sid_fetchIncludeSoftDeleted.json")
    zone.land("twilio", "recordings", [(deleted["sid"], deleted)])
    summaries = sample("twilio/sample_insights_Summaries_readWithCarrier.json")["call_summaries"]
    zone.land("twilio", "summaries", [("carrier", summaries[0])])
    events = sample("twilio/sample_insights_CallSid_Events_readDeep.json")["events"]
    zone.land("twilio", "events", [(str(i), event) for i, event in enumerate(events)])
    hook = sample("livekit/webhook_room_started.python-sdks.json")
    zone.land("livekit", "webhooks", [(hook["id"], hook)])
    spec = sample("crm_zendesk/zendesk_incremental_tickets_cursor.repaired.openapi.json")
    page = spec["components"]["schemas"]["CursorBasedExportIncrementalTicketsResponse"]["example"]
    zone.land("zendesk", "tickets", [(str(ticket["id"]), ticket) for ticket in page["tickets"]])
    with zone.build(dbt, home / "warehouse.duckdb") as connection:
        yield connection


def at(text: str) -> datetime:
    """A warehouse timestamp: UTC without a zone."""
    return datetime.fromisoformat(text)


def row(staged: duckdb.DuckDBPyConnection, columns: str, model: str) -> tuple[Any, ...]:
    found = staged.execute(f"select {columns} from staging.stg_{model}").fetchall()
    assert len(found) == 1
    return found[0]


def test_contact_record(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "previous_contact_id, initiation_method, disconnect_reason, queue_name, recording_location,"
        " agent_interaction_ms, customer_hold_ms, initiated_at, disconnected_at",
        "amazon_connect__contact_record",
    ) == (
        "0eeeb618-d2a9-46ce-9ad9-0c76a60cff8e",
        "TRANSFER",
        "TELECOM_PROBLEM",
        "Test",
        "abc.com",
        2000.0,
        10000.0,
        at("2020-08-07 06:09:34"),
        at("2020-08-07 06:09:41"),
    )


def test_flow_logs_keep_their_milliseconds_and_their_alphabet(
    staged: duckdb.DuckDBPyConnection,
) -> None:
    rows = staged.execute(
        "select module_type, flow_name, occurred_at from staging.stg_amazon_connect__flow_log"
        " order by occurred_at"
    ).fetchall()
    assert rows == [
        ("SetQueue", None, at("2021-04-13 00:14:31.581")),
        ("SetLoggingBehavior", "AX채널Lab", at("2025-08-04 01:43:19.241")),
        ("SetAttributes", "DemoFlow-lambda", at("2026-07-29 03:18:43.880")),
    ]


def test_contact_lens_transcript(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "duration_ms, talk_ms, provider_output, customer_sentiment",
        "amazon_connect__contact_lens",
    ) == (32110, 28698, "Redacted", 3.1)
    turns = staged.execute(
        "select turn_index, participant_role, begin_offset_ms, provider_redacted_spans"
        " from work.staging.stg_amazon_connect__transcript_turn order by turn_index"
    ).fetchall()
    assert len(turns) == 10
    assert turns[1] == (2, "CUSTOMER", 160, 1)


def test_twilio_call(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "direction, status, duration_ms, queue_time_ms, created_at, ended_at",
        "twilio__call",
    ) == (
        "outbound-api",
        "completed",
        4000,
        1000,
        at("2019-10-18 17:00:00"),
        at("2019-10-18 17:03:00"),
    )


def test_recording_with_an_offset_of_one_hour(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(staged, "created_at", "twilio__recording") == (at("2022-02-14 21:23:00"),)


def test_voice_insights_summary(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "processing_state, tags, codec, post_dial_delay_ms, last_sip_response, disconnected_by,"
        " inbound_jitter_avg_ms, edge_location, duration_ms",
        "twilio__call_summary",
    ) == (
        "complete",
        ["high_packet_loss", "high_jitter"],
        "pcmu",
        121.0,
        200,
        "callee",
        0.483035,
        "xxxxx",
        20000,
    )


def test_voice_insights_events_of_a_relay_have_no_edge(staged: duckdb.DuckDBPyConnection) -> None:
    counts = staged.execute(
        "select event_group, edge, count(*), count(edge_details)"
        " from staging.stg_twilio__call_event group by all order by 1"
    ).fetchall()
    assert counts == [("connection", "sdk_edge", 1, 1), ("conversation_relay", None, 9, 0)]


def test_livekit_webhook_numbers_come_as_text(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "event_id, event_name, room_sid, room_name, created_at, room_created_at",
        "livekit__webhook",
    ) == (
        "EV_eugWmGhovZmm",
        "room_started",
        "RM_hycBMAjmt6Ub",
        "Demo Room",
        at("2023-08-25 17:45:56"),
        at("2023-08-21 14:14:41"),
    )


def test_ticket(staged: duckdb.DuckDBPyConnection) -> None:
    assert row(
        staged,
        "ticket_id, external_id, status, tags, satisfaction_score, generated_at",
        "zendesk__ticket",
    ) == (
        "35436",
        "ahg35h3jh",
        "open",
        ["enterprise", "other_tag"],
        "good",
        at("2011-05-05 00:00:00"),
    )


def test_every_sample_is_accounted_for(staged: duckdb.DuckDBPyConnection) -> None:
    counts = staged.execute(
        "select sum(received_count), sum(staged_count), sum(unaccounted_count)"
        " from staging.stg_landing__reconciliation"
    ).fetchone()
    assert counts == (20, 20, 0)
