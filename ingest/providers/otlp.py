"""OpenTelemetry: OTLP/JSON trace exports, as the collector's file and S3 exporters write them.

Layout under the drop folder: ``spans/year=/month=/day=/hour=/minute=/*``, by the time of the
export, not of the spans. One export batch a line or object lands as one record; the redacted zone
holds one row a span, made here. Source: opentelemetry-proto ``docs/specification.md`` (JSON
encoding: hex IDs of any case, 64-bit integers as strings or numbers, unknown fields ignored).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from ingest.drops import read_folders
from ingest.fields import FieldError, Record, content_key, epoch_day
from ingest.records import Item
from ingest.registry import Exploded, PullContext, Stream

PROVIDER = "otlp"
_NANOSECONDS = 1_000_000_000
_STATUS_NAMES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
# Fields of a span that no reader needs. Any other unlisted field stays in the row, so that the
# redaction step counts it as drift.
_UNUSED = {
    "traceState",
    "flags",
    "links",
    "droppedAttributesCount",
    "droppedEventsCount",
    "droppedLinksCount",
}


def _objects(parent: Any, *names: str) -> Iterator[dict[str, Any]]:
    """The objects of the first list that ``parent`` holds under one of the names."""
    for name in names:
        children = parent.get(name) if isinstance(parent, dict) else None
        if isinstance(children, list):
            yield from (child for child in children if isinstance(child, dict))
            return


def _spans(record: Record) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Each span with its resource group and scope group; also of the names before OTLP 0.15."""
    for resource in _objects(record, "resourceSpans"):
        for scope in _objects(resource, "scopeSpans", "instrumentationLibrarySpans"):
            for span in _objects(scope, "spans"):
                yield resource, scope, span


def _day(record: Record) -> date:
    days = []
    for _, _, span in _spans(record):
        try:
            days.append(epoch_day(span, "startTimeUnixNano", _NANOSECONDS))
        except FieldError:
            continue
    if not days:
        raise FieldError("startTimeUnixNano")
    return min(days)


def _scalar(value: Any) -> Any:
    """A one-key OTLP value as a plain one; lists and maps as JSON text, bytes stay base64."""
    plain = _plain(value)
    return msgspec.json.encode(plain).decode() if isinstance(plain, list | dict) else plain


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for name, content in value.items():
        if name == "intValue":
            return _integer(content)
        if name == "arrayValue":
            values = content.get("values") if isinstance(content, dict) else None
            return [_plain(item) for item in values] if isinstance(values, list) else []
        if name == "kvlistValue":
            return {str(item.get("key")): _plain(item.get("value")) for item in _pairs(content)}
        return content
    return None


def _pairs(content: Any) -> Iterator[dict[str, Any]]:
    return _objects(content, "values")


def _integer(content: Any) -> Any:
    try:
        return int(content)
    except (TypeError, ValueError):
        return content


def _attributes(parent: Any) -> dict[str, Any]:
    return {
        str(item.get("key")): _scalar(item.get("value")) for item in _objects(parent, "attributes")
    }


def _status(span: dict[str, Any]) -> dict[str, int]:
    status = span.get("status")
    code = status.get("code", 0) if isinstance(status, dict) else 0
    if isinstance(code, str):
        code = _STATUS_NAMES.get(code, _integer(code))
    return {"code": code if isinstance(code, int) else 0}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _row(resource: dict[str, Any], scope: dict[str, Any], span: dict[str, Any]) -> dict[str, Any]:
    named = scope.get("scope") or scope.get("instrumentationLibrary") or {}
    known = {
        "traceId": _text(span.get("traceId")).lower(),
        "spanId": _text(span.get("spanId")).lower(),
        "parentSpanId": _text(span.get("parentSpanId")).lower(),
        "name": _text(span.get("name")),
        "kind": _integer(span.get("kind", 0)),
        "startTimeUnixNano": _text(span.get("startTimeUnixNano")),
        "endTimeUnixNano": _text(span.get("endTimeUnixNano")),
        "status": _status(span),
        "attributes": _attributes(span),
        "resource": _attributes(resource.get("resource")),
        "scope": _text(named.get("name")) if isinstance(named, dict) else "",
        "events": [
            {
                "name": _text(event.get("name")),
                "timeUnixNano": _text(event.get("timeUnixNano")),
                "attributes": _attributes(event),
            }
            for event in _objects(span, "events")
        ],
    }
    unlisted = {k: v for k, v in span.items() if k not in known and k not in _UNUSED}
    return unlisted | known


def _explode(record: dict[str, Any]) -> Exploded:
    """One row a span, keyed ``<trace ID>:<span ID>``; by its content where an ID is missing."""
    rows = []
    for resource, scope, span in _spans(record):
        row = _row(resource, scope, span)
        ids = (row["traceId"], row["spanId"])
        rows.append((":".join(ids) if all(ids) else content_key(row), row))
    return rows


def _pull(context: PullContext, day: date) -> Iterator[Item]:
    return read_folders(context, PROVIDER, [f"spans/year={day:%Y}/month={day:%m}/day={day:%d}/"])


STREAMS = (
    Stream(
        provider=PROVIDER,
        name="spans",
        kind="drop",
        key=content_key,
        day=_day,
        pull=_pull,
        batch=_explode,
    ),
)
