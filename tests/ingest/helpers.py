"""What the ingest tests share: settings in a folder, a stream fed by hand, reading back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import zstandard

from ingest.fields import iso_day, text_of
from ingest.records import Item, Limits, Line, Reject, read_object
from ingest.registry import PullContext, Stream
from ingest.settings import Settings
from ingest.store import open_store

DAY = date(2026, 5, 1)


def settings_in(home: Path, **changes: Any) -> Settings:
    """Settings whose zones lie under ``home``."""
    values: dict[str, Any] = {
        "data_dir": home,
        "landing": str(home / "landing"),
        "redacted": str(home / "redacted"),
        "published": str(home / "published"),
        "warehouse": home / "warehouse.duckdb",
        "drops": {p: str(home / "drops" / p) for p in ("amazon_connect", "livekit", "otlp")},
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "twilio-secret-Qz7",
        "zendesk_email": "ops@example.com",
        "zendesk_api_token": "zendesk-secret-Xw9",
    }
    return Settings(**values | changes)


def fed_stream(*deliveries: bytes | Exception) -> Stream:
    """A stream of records ``{"id", "at"}`` whose pull gives these deliveries, or raises."""

    def pull(context: PullContext, day: date) -> Iterator[Item]:
        for delivery in deliveries:
            if isinstance(delivery, Exception):
                raise delivery
            yield from items(delivery, context.limits)

    return Stream(
        provider="acme",
        name="calls",
        kind="http",
        key=lambda record: text_of(record, "id"),
        day=lambda record: iso_day(record, "at"),
        pull=pull,
    )


def items(data: bytes, limits: Limits | None = None, *, document: bool = False) -> Iterator[Item]:
    """The records and rejects of one delivered object."""
    return read_object(lambda: io.BytesIO(data), limits or Limits(), document=document)


def split(data: bytes, limits: Limits | None = None) -> tuple[list[bytes], list[tuple[str, bytes]]]:
    """Records verbatim, and rejects as (reason, bytes)."""
    records, rejects = [], []
    for item in items(data, limits):
        if isinstance(item, Line):
            assert json.loads(item.raw) == item.value
            records.append(item.raw)
        else:
            rejects.append((item.reason, read(item)))
    return records, rejects


def read(reject: Reject) -> bytes:
    with reject.body as body:
        return body.read()


def call(name: str, at: str = "2026-05-01T10:00:00Z", **more: Any) -> bytes:
    """A record of ``fed_stream``."""
    return json.dumps({"id": name, "at": at, **more}).encode()


def landed(settings: Settings, prefix: str) -> dict[str, list[bytes]]:
    """Lines of every landing object under the prefix, by key."""
    store = open_store(settings.landing, settings.s3_endpoint_url)
    return {
        key: zstandard.decompress(store.get(key)).removesuffix(b"\n").split(b"\n")
        for key in store.list(prefix)
        if key.endswith(".jsonl.zst")
    }


def rejected(settings: Settings, prefix: str) -> dict[str, bytes]:
    """Bytes of every reject of a stream, by reason (one a reason in these tests)."""
    store = open_store(settings.landing, settings.s3_endpoint_url)
    keys = store.list(f"{prefix}_rejects/")
    return {key.split(".")[-2]: store.get(key) for key in keys}


def outcomes(settings: Settings, prefix: str) -> list[dict[str, Any]]:
    """The stream's outcome rows, oldest first."""
    store = open_store(settings.landing, settings.s3_endpoint_url)
    return [json.loads(store.get(key)) for key in store.list(f"_outcomes/{prefix}")]


def clock(*times: str) -> Iterable[datetime]:
    return iter([datetime.fromisoformat(time).replace(tzinfo=UTC) for time in times])
