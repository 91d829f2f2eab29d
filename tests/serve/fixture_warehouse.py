"""A tiny warehouse with exactly the marts' columns, so gate and look-up tests need no dbt run.

Every call carries the same short story; call ``n`` of a day differs by its keys only. ``execute``
lets a test plant one fault with one statement.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

BUILD = "build-a"
BUILT_AT = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
DAYS = (date(2026, 5, 1), date(2026, 5, 2))
ROUTES = ("ivr_only", "ivr_to_agent", "direct_to_agent", "web_call")
POLICY = "2026-05.1"

RECORD = """
canonical_call_id varchar, call_date date, route varchar, direction varchar, environment varchar,
started_at timestamp, answered_at timestamp, ended_at timestamp, duration_ms bigint,
initial_contact_id varchar, current_contact_id varchar, twilio_call_sid varchar,
sip_call_id varchar, livekit_room_name varchar, livekit_room_sid varchar,
agent_session_id varchar, otel_trace_id varchar,
recording_id varchar, crm_object_id varchar, caller_token varchar, called_token varchar,
campaign varchar, queue_name varchar, entry_flow varchar, last_menu_option varchar,
retry_count integer, timeout_count integer, no_match_count integer, transfer_reason varchar,
transfer_count integer, agent_id varchar, agent_version varchar, prompt_version varchar,
model varchar, stt_provider varchar, tts_provider varchar, language varchar, region varchar,
post_dial_delay_ms bigint, packet_loss_pct double, jitter_avg_ms double, codec varchar,
edge_location varchar, silence_detected boolean, disconnected_by varchar, disconnect_reason varchar,
last_sip_response integer, turn_count integer, user_turn_count integer, agent_turn_count integer,
interruption_count integer, low_confidence_turn_count integer, asr_confidence_avg double,
e2e_latency_p50_ms double, e2e_latency_p95_ms double, llm_ttft_p50_ms double,
tts_ttfb_p50_ms double, tool_call_count integer, tool_failure_count integer,
guardrail_block_count integer, outcome varchar, disposition varchar, is_escalated boolean,
is_resolved boolean, is_abandoned boolean, crm_status varchar, has_entry_evidence boolean,
has_path_evidence boolean, has_heard_evidence boolean, has_decision_evidence boolean,
has_experience_evidence boolean, has_outcome_evidence boolean, evidence_coverage integer,
missing_required_count integer, identity_basis varchar, lowest_confidence double,
linked_call_count bigint, is_conflicting boolean,
redaction_policy_version varchar, contains_raw_audio boolean,
contains_unredacted_transcript boolean, retention_class varchar, record_count integer,
event_count integer
"""
EVENT = """
event_id varchar, canonical_call_id varchar, call_date date, sequence_number integer,
occurred_at timestamp, occurred_at_resolution_ms integer, aligned_at timestamp,
clock_offset_ms bigint, source_system varchar, provider varchar, stream varchar,
event_type varchar, severity varchar, current_contact_id varchar, twilio_call_sid varchar,
agent_session_id varchar, otel_trace_id varchar, payload varchar, redaction_state varchar,
contains_sensitive_input boolean, redaction_policy_version varchar, record_key varchar,
landing_object varchar
"""
TURN = """
turn_id varchar, canonical_call_id varchar, call_date date, turn_index integer, speaker varchar,
text varchar, redaction_state varchar, redaction_classes varchar[], asr_confidence double,
is_low_confidence boolean, was_interrupted boolean, started_at timestamp, ended_at timestamp,
audio_pointer varchar, e2e_latency_ms double, transcription_delay_ms double,
end_of_turn_delay_ms double, llm_ttft_ms double, tts_ttfb_ms double, source_system varchar,
redaction_policy_version varchar, record_key varchar
"""
ALIAS = """
canonical_call_id varchar, call_date date, namespace varchar, alias_value varchar,
canonical_role varchar, source_system varchar, kind varchar, link_method varchar,
confidence double, first_seen_at timestamp, last_seen_at timestamp, record_count integer
"""
COMPLETENESS = """
canonical_call_id varchar, call_date date, route varchar, canonical_role varchar,
is_required boolean, is_present boolean, reason varchar, boundary varchar, setting varchar,
setting_document varchar
"""
EXCEPTION = """
exception_id varchar, day date, route varchar, alias varchar, missing bigint, calls bigint,
reason varchar, accepted_by varchar, accepted_at timestamp, build_id varchar, limits_version varchar
"""
LINK = """
canonical_call_id varchar, call_date date, pair varchar, own_role varchar, own_side_id varchar,
other_side_id varchar, linked_call_id varchar, linked_record_id varchar, status varchar, reason
varchar, link_method varchar, confidence double, runner_up_confidence double, evidence double,
start_difference_ms bigint, end_difference_ms bigint, duration_ratio double, caller_match varchar,
called_match varchar, start_weight double, end_weight double, caller_weight double, called_weight
double, account_weight double, environment_weight double, direction_weight double, region_weight
double, language_weight double, reason_weight double, candidate_count bigint, calibration_version
varchar
"""
QUALITY = """
pair varchar, call_day date, traffic varchar, calls bigint, linked bigint, right_links bigint,
link_precision double, precision_low double, precision_high double, recall double, recall_low
double, recall_high double, abstained double, refused_reason varchar, is_published boolean,
calibration_version varchar
"""
CALIBRATION = """
pair varchar, decile bigint, candidates bigint, confidence double, true_share double,
true_share_low double, true_share_high double, calibration_version varchar
"""
TABLES = {
    "call_record": RECORD,
    "call_event": EVENT,
    "call_turn": TURN,
    "call_alias": ALIAS,
    "call_completeness": COMPLETENESS,
    "call_link": LINK,
    "match_quality": QUALITY,
    "match_calibration": CALIBRATION,
    "gate_exception": EXCEPTION,
    "call_redirect": "old_call_id varchar, canonical_call_id varchar, reason varchar",
    "identity_conflict": "namespace varchar, alias_value varchar, instance_number integer,"
    " reason varchar,"
    " record_count integer, anchor_count integer, canonical_call_id varchar,"
    " example_records varchar[]",
}
# (seconds after the start, system, event type, payload)
STORY = (
    (0.0, "ivr", "ivr.flow_started", '{"flow_name":"Main line","flow_id":"f-77120043"}'),
    (2.1, "ivr", "ivr.prompt_played", '{"prompt_text":"For billing press one."}'),
    (6.4, "ivr", "ivr.menu_option_selected", '{"menu_name":"Main menu","selected_option":"2"}'),
    (9.0, "telephony", "call.answered", '{"edge_location":"ashburn","codec":"opus"}'),
    (15.2, "agent", "transcript.user_turn_final", '{"turn_index":1,"asr_confidence":0.912345678}'),
    (16.0, "agent", "tool.called", '{"tool_name":"lookup_invoice","latency_ms":812345}'),
    (58.7, "telephony", "call.disconnected", '{"disconnected_by":"caller","sip_response":200}'),
    (60.0, "crm", "call.resolved", '{"case_id":"360001234567","status":"solved"}'),
)
ROLES = ("initialContactId", "providerCallId", "agentSessionId", "traceId")


def call_id(day: date, route: str, number: int) -> str:
    """The fixture's name for one call."""
    return f"call_01J{day:%m%d}{ROUTES.index(route)}XYZABCDEFGH{number:06d}"


def twilio_sid(day: date, route: str, number: int) -> str:
    """The Call SID of one call."""
    return f"CA{day:%d}{ROUTES.index(route)}{number:029x}"


def build_warehouse(path: Path, *, calls: int = 25, build: str = BUILD) -> Path:
    """Write a clean warehouse with ``calls`` calls a day and route, stamped with ``build``."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema meta")
        for table, columns in TABLES.items():
            connection.execute(f"create table marts.{table} ({columns})")
        rows: dict[str, list[dict[str, object]]] = {table: [] for table in TABLES}
        for day in DAYS:
            for route in ROUTES:
                for number in range(calls):
                    _add_call(rows, day, route, number)
        for table, records in rows.items():
            _insert(connection, table, records)
        connection.execute(
            "create table meta.build as select ?::varchar as build_id, ?::timestamp as built_at,"
            " 'code' as code_version, ?::varchar as days",
            [build, BUILT_AT.replace(tzinfo=None), f"{DAYS[0]}...{DAYS[-1]}"],
        )
    return path


def execute(path: Path, statement: str, *parameters: object) -> None:
    """Change the warehouse: how a test plants its fault."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement, list(parameters))


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, records: list[dict[str, object]]
) -> None:
    if records:
        columns = dict(column.split() for column in TABLES[table].split(","))
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
            lines.writelines(json.dumps(record, default=str) + "\n" for record in records)
            lines.flush()
            connection.execute(
                f"insert into marts.{table} by name"
                f" select * from read_json('{lines.name}', columns={columns!r})"
            )


def _add_call(rows: dict[str, list[dict[str, object]]], day: date, route: str, number: int) -> None:
    call = call_id(day, route, number)
    start = datetime.fromisoformat(f"{day}T09:00:00") + timedelta(minutes=number)
    key = {"canonical_call_id": call, "call_date": day}
    sid = None if route == "web_call" else twilio_sid(day, route, number)
    contact = f"1f2e3d4c-0000-4000-8{ROUTES.index(route)}{day:%d}-{number:012x}"
    session = None if route == "ivr_only" else f"AJ_{number:012x}{route[:3]}{day:%d}"
    aliases = {
        ("amazon_connect_contact_id", "initialContactId", "identifying"): contact,
        ("twilio_call_sid", "providerCallId", "identifying"): sid,
        ("livekit_job_id", "agentSessionId", "identifying"): session,
        ("caller_token", "callerToken", "associating"): f"tok_{number % 7:032x}",
    }
    for (namespace, role, kind), value in aliases.items():
        if value:
            rows["call_alias"].append(
                key
                | {"namespace": namespace, "alias_value": value, "canonical_role": role}
                | {"source_system": namespace.split("_")[0], "kind": kind}
                | {"link_method": "explicit", "confidence": 1.0, "record_count": 1}
            )
    for role in ROLES:
        required = not (role == "agentSessionId" and route == "ivr_only")
        required = required and not (role == "providerCallId" and route == "web_call")
        rows["call_completeness"].append(
            key
            | {"route": route, "canonical_role": role, "is_required": required}
            | {"is_present": required, "reason": None if required else "not_applicable"}
        )
    rows["call_record"].append(
        key
        | {"route": route, "direction": "inbound", "environment": "production"}
        | {"started_at": start, "ended_at": start + timedelta(seconds=60), "duration_ms": 60000}
        | {"initial_contact_id": contact, "twilio_call_sid": sid, "agent_session_id": session}
        | {"caller_token": f"tok_{number % 7:032x}", "entry_flow": "Main line"}
        | {"last_menu_option": "2", "outcome": "resolved", "disposition": "resolved"}
        | {"prompt_version": "billing-v12", "model": "gpt-4o-2026-11-20", "turn_count": 2}
        | {"has_entry_evidence": True, "has_path_evidence": True, "has_heard_evidence": True}
        | {"has_decision_evidence": True, "has_experience_evidence": True}
        | {"has_outcome_evidence": False, "evidence_coverage": 5, "missing_required_count": 0}
        | {"identity_basis": "explicit", "is_conflicting": False, "event_count": len(STORY)}
        | {"redaction_policy_version": POLICY, "contains_raw_audio": True}
        | {"contains_unredacted_transcript": False, "retention_class": "standard"}
    )
    for sequence, (offset, system, event_type, payload) in enumerate(STORY, start=1):
        at = start + timedelta(seconds=offset)
        rows["call_event"].append(
            key
            | {"event_id": f"evt_{call}_{sequence}", "sequence_number": sequence}
            | {"occurred_at": at, "aligned_at": at, "clock_offset_ms": 0, "source_system": system}
            | {"event_type": event_type, "severity": "info", "payload": payload}
            | {"redaction_state": "clean", "contains_sensitive_input": False}
            | {"redaction_policy_version": POLICY, "record_key": f"{contact}-{sequence}"}
        )
    for index, (speaker, text) in enumerate(
        (("user", "my invoice is wrong"), ("agent", "I see two charges on [CARD].")), start=1
    ):
        rows["call_turn"].append(
            key
            | {"turn_id": f"turn_{call}_{index}", "turn_index": index, "speaker": speaker}
            | {"text": text, "redaction_state": "clean" if index == 1 else "redacted"}
            | {"started_at": start + timedelta(seconds=15 * index), "source_system": "agent"}
            | {"redaction_policy_version": POLICY, "record_key": f"job-{number}"}
        )
