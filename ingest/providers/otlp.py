"""OpenTelemetry: OTLP/JSON trace exports, as the collector's file and S3 exporters write them.

Layout under the drop folder: ``spans/year=/month=/day=/hour=/minute=/*``, by the time of the
export, not of the spans. One export batch a line or object lands as one record; the redacted zone
holds one row a span, made here. Source: opentelemetry-proto ``docs/specification.md`` (JSON
encoding: hex IDs of any case, 64-bit integers as strings or numbers, unknown fields ignored).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import msgspec

from ingest.drops import read_folders
from ingest.fields import FieldError, Record, content_key, epoch_day
from ingest.records import Item
from ingest.registry import Exploded, PullContext, Stream

PROVIDER = "otlp"
_OLD_SCOPES = "instrumentationLibrarySpans"  # before OTLP 0.15
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


def _objects(parent: Any, *names: str) -> list[dict[str, Any]]:
    """The objects of the first list that ``parent`` holds under one of the names."""
    if parent.__class__ is dict:
        for name in names:
            children = parent.get(name)
            if children.__class__ is list:
                return [child for child in children if child.__class__ is dict]
    return []


def _groups(record: Record) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each resource group with its scope groups, also under their old name."""
    for resource in _objects(record, "resourceSpans"):
        yield resource, _objects(resource, "scopeSpans", _OLD_SCOPES)


def _day(record: Record) -> date:
    days = set()
    for _, scopes in _groups(record):
        for scope in scopes:
            for span in _objects(scope, "spans"):
                with suppress(FieldError):
                    days.add(epoch_day(span, "startTimeUnixNano", _NANOSECONDS))
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
            return {
                str(item.get("key")): _plain(item.get("value"))
                for item in _objects(content, "values")
            }
        return content
    return None


def _integer(content: Any) -> Any:
    try:
        return int(content)
    except (TypeError, ValueError):
        return content


def _attributes(parent: Any) -> dict[str, Any]:
    attributes = {}
    for item in _objects(parent, "attributes"):
        key, value = item.get("key"), item.get("value")
        # Nearly every value is {"stringValue": text}, and a batch holds very many.
        text = value.get("stringValue") if isinstance(value, dict) and len(value) == 1 else None
        attributes[str(key)] = text if text.__class__ is str else _scalar(value)
    return attributes


def _status(span: dict[str, Any]) -> dict[str, int]:
    status = span.get("status")
    code = status.get("code", 0) if isinstance(status, dict) else 0
    if isinstance(code, str):
        code = _STATUS_NAMES.get(code, _integer(code))
    return {"code": code if isinstance(code, int) else 0}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _row(span: dict[str, Any], resource: dict[str, Any], scope: str) -> dict[str, Any]:
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
        "resource": resource,
        "scope": scope,
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
    return unlisted | known if unlisted else known


def _scope_name(scope: dict[str, Any]) -> str:
    named = scope.get("scope") or scope.get("instrumentationLibrary") or {}
    return _text(named.get("name")) if isinstance(named, dict) else ""


def _explode(record: dict[str, Any]) -> Exploded:
    """One row a span, keyed ``<trace ID>:<span ID>``; by its content where an ID is missing."""
    rows = []
    for resource, scopes in _groups(record):
        attributes = _attributes(resource.get("resource"))
        for scope in scopes:
            name = _scope_name(scope)
            for span in _objects(scope, "spans"):
                row = _row(span, attributes.copy(), name)
                ids = (row["traceId"], row["spanId"])
                rows.append((":".join(ids) if all(ids) else content_key(row), row))
    return rows


def _cut(record: dict[str, Any], is_gone: Callable[[str], bool]) -> dict[str, Any] | None:
    """The batch without some spans, groups that are left empty included (``_explode`` names them).

    A list is read under the first of its names that holds one, as ``_objects`` does.
    """
    resources = []
    for resource in _objects(record, "resourceSpans"):
        name = "scopeSpans" if isinstance(resource.get("scopeSpans"), list) else _OLD_SCOPES
        scopes = []
        for scope in _objects(resource, name):
            spans = [
                span
                for span in _objects(scope, "spans")
                if not is_gone(_alone(resource, name, scope, span))
            ]
            if spans:
                scopes.append({**scope, "spans": spans})
        if scopes:
            resources.append({**resource, name: scopes})
    return {**record, "resourceSpans": resources} if resources else None


def _alone(resource: dict[str, Any], name: str, scope: dict[str, Any], span: dict[str, Any]) -> str:
    """The key of one span, as the batch with this span alone has it."""
    alone = {**resource, name: [{**scope, "spans": [span]}]}
    return _explode({"resourceSpans": [alone]})[0][0]


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
        cut=_cut,
    ),
)
