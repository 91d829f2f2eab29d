"""OTLP attributes, and the batches in which a collector exports spans.

A batch holds the spans that ended in the same export interval, whatever call they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.simulator.records import Record

Attr = dict[str, Any]
_SCOPE = {"name": "livekit-agents", "version": "1.3.6"}


def attr(key: str, value: str | float) -> Attr:
    """One attribute: a key and a one-field union of its type (a bool is an int to Python)."""
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, str):
        return {"key": key, "value": {"stringValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    return {"key": key, "value": {"doubleValue": value}}


def _resource(name: str) -> dict[str, Any]:
    environment, version, region = name.split("|")
    pairs = (
        ("service.name", "voice-agent"),
        ("service.version", version),
        ("deployment.environment.name", environment),
        ("cloud.region", region),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.language", "python"),
        ("telemetry.sdk.version", "1.37.0"),
    )
    return {"attributes": [attr(k, v) for k, v in pairs]}


def batch(spans: Iterable[Record]) -> bytes:
    """One export request of spans of any calls, grouped by the resource that sent them."""
    groups: dict[str, list[msgspec.Raw]] = {}
    for span in spans:
        groups.setdefault(span.name, []).append(msgspec.Raw(span.encode()))
    body = {
        "resourceSpans": [
            {
                "resource": _resource(name),
                "scopeSpans": [{"scope": _SCOPE, "spans": members}],
            }
            for name, members in groups.items()
        ]
    }
    return msgspec.json.encode(body)
