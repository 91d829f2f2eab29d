"""Lands given bytes as one pull would: for samples and for the benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from ingest.landing import Lander
from ingest.outcomes import Attempt
from ingest.records import Limits, check
from ingest.registry import PullContext, Stream
from ingest.settings import Settings
from ingest.store import open_store


def land_items(settings: Settings, stream: Stream, records: Iterable[bytes]) -> Attempt:
    """Check and land records that are at hand; returns the pull's counts."""
    now = datetime.now(UTC)
    attempt = Attempt(stream.provider, stream.name, date(2026, 5, 1), now)
    limits = Limits(record_bytes=settings.max_record_bytes)
    store = open_store(settings.landing, settings.s3_endpoint_url)
    lander = Lander(store, stream, now, PullContext(settings, limits), attempt)
    for raw in records:
        lander.add(check(raw, limits))
    lander.flush()
    return attempt
