"""The vendors' own sample payloads as records of our streams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Sample = tuple[str, dict[str, Any]]

_LENS_NAME = "11111111-2222-3333-4444-555555555555_analysis_2026-05-01T10:00:00Z.json"


def vendor_samples(contracts: Path) -> Iterator[Sample]:
    """Every sample record of the five providers: (``provider.stream``, landed record)."""
    pairs = _json(contracts / "crm_salesforce" / "scv_ctr_to_voicecall_update_pairs.json")
    for pair in pairs:
        yield "amazon_connect.contact_records", pair["ctr"]
    connect, twilio = contracts / "amazon_connect", contracts / "twilio"
    yield "amazon_connect.flow_logs", _json(connect / "flow_log_SetQueue.json")
    for line in (connect / "flow_log_third_party.jsonl").read_text().splitlines():
        yield "amazon_connect.flow_logs", json.loads(line)
    for kind in ("original", "redacted"):
        document = _json(connect / f"contact_lens_voice_{kind}.json")
        yield "amazon_connect.contact_lens", {"source_name": _LENS_NAME, "document": document}
    for path in sorted(twilio.glob("sample_*.json")):
        yield from _twilio(_json(path))
    for path in sorted(twilio.glob("twilio-python_*.json")):
        for body in _json(path).values():
            yield from _twilio(body)
    yield "livekit.webhooks", _json(contracts / "livekit" / "webhook_room_started.python-sdks.json")
    yield "otlp.spans", _json(contracts / "otel" / "otlp_trace.json")
    zendesk = _json(
        contracts / "crm_zendesk" / "zendesk_incremental_tickets_cursor.repaired.openapi.json"
    )
    schema = zendesk["components"]["schemas"]["CursorBasedExportIncrementalTicketsResponse"]
    for ticket in schema["example"]["tickets"]:
        yield "zendesk.tickets", ticket


def _twilio(body: Any) -> Iterator[Sample]:
    """Records by what they look like: pages are opened, other resources passed over."""
    if not isinstance(body, dict):
        return
    pages = {"calls": "calls", "recordings": "recordings", "call_summaries": "summaries"}
    for name, stream in pages.items():
        for record in body.get(name, []):
            yield f"twilio.{stream}", record
    for record in body.get("events", []):
        if "timestamp" in record:
            yield "twilio.events", record
    sid = str(body.get("sid", ""))
    if "processing_state" in body:
        yield "twilio.summaries", body
    elif sid.startswith(("CA", "RE")) and "subresource_uris" in body:
        yield f"twilio.{'calls' if sid.startswith('CA') else 'recordings'}", body


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
