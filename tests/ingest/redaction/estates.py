"""Simulated estates landed for the redaction tests, and their redacted rows read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import zstandard

from ingest.landing import land_stream
from ingest.redaction import policy_version
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from ingest.simulator import generate
from ingest.store import open_store

FIRST = date(2026, 5, 1)
DAYS = (FIRST, date(2026, 5, 2), date(2026, 5, 3))
STAMP = "20260504T000000000000Z"


def settings_in(home: Path, **changes: Any) -> Settings:
    """Settings of a home folder with an ``estate`` in it."""
    values: dict[str, Any] = {
        "data_dir": home,
        "landing": str(home / "landing"),
        "redacted": str(home / "redacted"),
        "published": str(home / "published"),
        "warehouse": home / "warehouse.duckdb",
        "token_key": b"0" * 32,
        "drops": {
            name: str(home / "estate" / "drops" / name)
            for name in ("amazon_connect", "livekit", "otlp")
        },
    }
    return Settings(**{**values, **changes})


def landed_estate(home: Path, profile: str) -> Path:
    """Generate and land an estate; its HTTP records go to landing without a server."""
    generate(home / "estate", calls=40, days=2, start=FIRST, seed=11, profile=profile)
    settings = settings_in(home)
    for stream in all_streams():
        if stream.kind == "drop":
            land_stream(settings, stream, DAYS)
        else:
            path = home / "estate" / "http" / stream.provider / f"{stream.name}.jsonl"
            by_day: dict[date, list[bytes]] = {}
            for line in path.read_bytes().splitlines():
                by_day.setdefault(stream.day(json.loads(line)), []).append(line)
            for day, lines in by_day.items():
                land(settings, stream, day, *lines)
    return home


def land(settings: Settings, stream: Stream, day: date, *lines: bytes) -> str:
    """One landing object of the lines, as the landing step names and packs it."""
    data = b"".join(line + b"\n" for line in lines)
    name = f"{STAMP}-{hashlib.sha256(data).hexdigest()[:16]}.jsonl.zst"
    key = f"{stream.prefix}dt={day}/{name}"
    open_store(settings.landing).put(key, zstandard.ZstdCompressor().compress(data))
    return key


def landed_records(home: Path) -> Iterator[tuple[Stream, bytes]]:
    """Every landed line."""
    store = open_store(settings_in(home).landing)
    for stream in all_streams():
        for key in store.list(stream.prefix):
            if key.endswith(".jsonl.zst"):
                plain = zstandard.ZstdDecompressor().stream_reader(store.get(key)).read()
                for line in plain.splitlines():
                    yield stream, line


def redacted_rows(settings: Settings, stream: Stream) -> list[dict[str, Any]]:
    """All rows of a stream, in order of object and line."""
    folder = Path(settings.redacted) / f"policy={policy_version()}" / stream.prefix
    return [
        row
        for path in sorted(folder.glob("dt=*/*.parquet"))
        for row in pq.ParquetFile(path).read().to_pylist()
    ]
