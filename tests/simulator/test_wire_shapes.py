"""The simulated records against the vendors' own samples and specifications."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conftest import attributes, spans


def load(contracts: Path, name: str) -> Any:
    return json.loads((contracts / name).read_text())


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Every path of object keys; list places are ``[]``."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield f"{at}.{key}"
            yield from paths(member, f"{at}.{key}")
    elif isinstance(value, list):
        for member in value:
            yield from paths(member, f"{at}[]")


def enum(contracts: Path, spec: str, schema: str) -> set[str]:
    return set(load(contracts, spec)["components"]["schemas"][schema]["enum"])


def test_twilio_call_has_the_vendors_fields(contracts_dir: Path, clean_wire: dict) -> None:
    sample = load(contracts_dir, "twilio/sample_api_Calls_Sid_fetch.json")
    for call in clean_wire["twilio.calls"]:
        assert set(call) == set(sample)
        assert set(call["subresource_uris"]) == set(sample["subresource_uris"])
        assert call["subresource_uris"]["events"].endswith(f"/Calls/{call['sid']}/Events.json")
        assert isinstance(call["duration"], str)
        for name in ("date_created", "start_time", "end_time"):
            assert parsedate_to_datetime(call[name]).microsecond == 0


def test_twilio_recording_has_the_vendors_fields(contracts_dir: Path, clean_wire: dict) -> None:
    sample = load(contracts_dir, "twilio/sample_api_Recordings_readFull.json")["recordings"][0]
    calls = {call["sid"]: call for call in clean_wire["twilio.calls"]}
    for recording in clean_wire["twilio.recordings"]:
        assert set(recording) == set(sample)
        assert calls[recording["call_sid"]]["parent_call_sid"] is None


def test_summary_has_the_vendors_fields_and_values(contracts_dir: Path, clean_wire: dict) -> None:
    spec = "twilio/twilio_insights_v1.openapi.json"
    sample = load(contracts_dir, "twilio/sample_insights_Summaries_readWithCarrier.json")
    carrier = set(paths(sample["call_summaries"][0]["carrier_edge"]))
    kinds = enum(contracts_dir, spec, "call_summaries_enum_call_type")
    states = enum(contracts_dir, spec, "call_summaries_enum_call_state")
    for summary in clean_wire["twilio.summaries"]:
        assert set(summary) == set(sample["call_summaries"][0])
        assert summary["call_type"] in kinds
        assert summary["call_state"] in states
        if summary["carrier_edge"]:
            assert carrier <= set(paths(summary["carrier_edge"]))


def test_sip_edge_has_the_vendors_fields(contracts_dir: Path, clean_wire: dict) -> None:
    sample = load(contracts_dir, "twilio/sample_insights_Summaries_readWithTrust.json")
    sip = next(s["sip_edge"] for s in sample["call_summaries"] if s["sip_edge"])
    edges = [s["sip_edge"] for s in clean_wire["twilio.summaries"] if s["sip_edge"]]
    assert edges
    for edge in edges:
        assert set(paths(sip)) <= set(paths(edge))


def test_event_has_the_vendors_fields_and_values(contracts_dir: Path, clean_wire: dict) -> None:
    sample = load(contracts_dir, "twilio/sample_insights_CallSid_Events_read.json")["events"][0]
    spec = "twilio/twilio_insights_v1.openapi.json"
    levels = enum(contracts_dir, spec, "event_enum_level")
    edges = enum(contracts_dir, spec, "event_enum_twilio_edge")
    for event in clean_wire["twilio.events"]:
        assert set(event) == set(sample)
        assert event["level"] in levels
        assert event["edge"] in edges
        assert event[event["edge"]] is not None


@pytest.mark.parametrize("twin", ["original", "redacted"])
def test_contact_lens_has_the_vendors_paths(
    twin: str, contracts_dir: Path, clean_wire: dict
) -> None:
    sample = load(contracts_dir, f"amazon_connect/contact_lens_voice_{twin}.json")
    # The sample has no silence and no detected issue; the guide names these.
    known = set(paths(sample)) | {
        f".ConversationCharacteristics.NonTalkTime.Instances[].{name}"
        for name in ("BeginOffsetMillis", "DurationMillis", "EndOffsetMillis")
    }
    wanted = "Raw" if twin == "original" else "Redacted"
    documents = [
        lens["document"]
        for lens in clean_wire["amazon_connect.contact_lens"]
        if lens["document"]["ContentMetadata"]["Output"] == wanted
    ]
    assert documents
    for document in documents:
        assert set(paths(document)) <= known
        assert set(document) == set(sample)


def test_flow_log_has_the_fields_of_real_ones(contracts_dir: Path, clean_wire: dict) -> None:
    text = (contracts_dir / "amazon_connect/flow_log_third_party.jsonl").read_text()
    real = {key for line in text.splitlines() for key in json.loads(line)}
    for log in clean_wire["amazon_connect.flow_logs"]:
        assert real <= set(log) <= real | {"Results", "ExternalResults"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", log["Timestamp"])


def test_contact_records_form_chains(clean_wire: dict) -> None:
    records = {r["ContactId"]: r for r in clean_wire["amazon_connect.contact_records"]}
    chained = [r for r in records.values() if r["PreviousContactId"]]
    assert chained
    for record in chained:
        assert records[record["PreviousContactId"]]["NextContactId"] == record["ContactId"]
        assert records[record["InitialContactId"]]["InitialContactId"] is None
    whole = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    assert all(whole.fullmatch(r["LastUpdateTimestamp"]) for r in records.values())


def test_contact_records_know_the_vendors_methods(contracts_dir: Path, clean_wire: dict) -> None:
    model = load(contracts_dir, "amazon_connect/connect_2017-08-08_contact.service-2.trimmed.json")
    methods = set(model["shapes"]["ContactInitiationMethod"]["enum"])
    assert {r["InitiationMethod"] for r in clean_wire["amazon_connect.contact_records"]} <= methods


def test_webhook_is_protojson(contracts_dir: Path, clean_wire: dict) -> None:
    sample = load(contracts_dir, "livekit/webhook_room_started.python-sdks.json")
    hooks = clean_wire["livekit.webhooks"]
    for hook in hooks:
        assert set(sample) <= set(hook)
        assert set(sample["room"]) <= set(hook["room"])
        assert isinstance(hook["createdAt"], str)
        assert not _zeroes(hook)
    kinds = {h["participant"].get("kind") for h in hooks if "participant" in h}
    assert kinds == {"SIP", "AGENT", None}


def _zeroes(value: Any) -> list[Any]:
    """Members that protojson would leave out."""
    if isinstance(value, dict):
        zero = [v for v in value.values() if v in ("", 0, False) or v == []]
        return zero + [z for v in value.values() for z in _zeroes(v)]
    if isinstance(value, list):
        return [z for v in value for z in _zeroes(v)]
    return []


def test_spans_follow_the_otlp_json_mapping(contracts_dir: Path, clean_wire: dict) -> None:
    sample = spans({"otlp.spans": [load(contracts_dir, "otel/otlp_trace.json")]})[0]
    for span in spans(clean_wire):
        assert set(sample) <= set(span)
        assert re.fullmatch(r"[0-9a-fA-F]{32}", span["traceId"])
        assert re.fullmatch(r"[0-9a-fA-F]{16}", span["spanId"])
        assert isinstance(span["startTimeUnixNano"], str)
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert isinstance(span["kind"], int)
        for attribute in span["attributes"]:
            (kind,) = attribute["value"]
            value = attribute["value"][kind]
            assert isinstance(
                value,
                {"stringValue": str, "intValue": str, "doubleValue": float, "boolValue": bool}[
                    kind
                ],
            )


def test_spans_form_one_tree_a_trace_and_batches_mix_calls(clean_wire: dict) -> None:
    every = spans(clean_wire)
    known = {(s["traceId"], s["spanId"]) for s in every}
    assert all((s["traceId"], s["parentSpanId"]) in known for s in every if s["parentSpanId"])
    roots = [s["traceId"] for s in every if not s["parentSpanId"]]
    assert len(set(roots)) == len({s["traceId"] for s in every})
    traces = [{s["traceId"] for s in spans({"otlp.spans": [b]})} for b in clean_wire["otlp.spans"]]
    assert any(len(t) > 1 for t in traces)


def test_some_traces_are_rooted_in_the_call_sid(clean_wire: dict) -> None:
    """S4-12: the trace ID is the first half of the SHA-256 of the Call SID."""
    derived = {
        hashlib.sha256(c["sid"].encode()).hexdigest()[:32] for c in clean_wire["twilio.calls"]
    }
    traces = {s["traceId"].lower() for s in spans(clean_wire)}
    assert derived & traces
    assert traces - derived


def test_ticket_has_the_fields_of_the_export(contracts_dir: Path, clean_wire: dict) -> None:
    spec = load(
        contracts_dir, "crm_zendesk/zendesk_incremental_tickets_cursor.repaired.openapi.json"
    )
    schemas = spec["components"]["schemas"]
    sample = schemas["CursorBasedExportIncrementalTicketsResponse"]["example"]["tickets"][0]
    statuses = set(schemas["TicketObject"]["properties"]["status"]["enum"])
    for ticket in clean_wire["zendesk.tickets"]:
        assert (
            set(sample) <= set(ticket) <= set(sample) | set(schemas["TicketObject"]["properties"])
        )
        assert ticket["status"] in statuses
        assert (
            datetime.fromisoformat(ticket["updated_at"]).timestamp()
            <= ticket["generated_timestamp"]
        )


def test_session_report_speaks_in_float_seconds(clean_wire: dict) -> None:
    for report in clean_wire["livekit.session_reports"]:
        messages = [i for i in report["chat_history"]["items"] if i["type"] == "message"]
        assert all(isinstance(i["created_at"], float) for i in messages)
        assert all(isinstance(i["content"], list) for i in messages)
        late = [i["metrics"]["e2e_latency"] for i in messages if "e2e_latency" in i["metrics"]]
        assert all(0.1 < seconds < 30 for seconds in late)
        calls = {i["call_id"] for i in report["chat_history"]["items"] if "call_id" in i}
        outputs = [
            i for i in report["chat_history"]["items"] if i["type"] == "function_call_output"
        ]
        assert {i["call_id"] for i in outputs} == calls


def test_spans_carry_the_calls_context(clean_wire: dict) -> None:
    roots = [attributes(s) for s in spans(clean_wire) if s["name"] == "agent_session"]
    assert all({"lk.job_id", "lk.room_sid", "gen_ai.agent.id"} <= set(r) for r in roots)
    assert any("call.sid" in r for r in roots)
    assert any("canonical_call_id" in r for r in roots)
