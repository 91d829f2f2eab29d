"""A simulated estate by the day on which each record can first be pulled, for ``bench_history``.

Drops lie in folders of their delivery day, late ones and repeats among them. What a stand-in server
would hand out over HTTP is sorted here into a file a day and stream, by the record's own day; a
summary that Voice Insights finished late comes twice: partial on its day, whole on the later one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from ingest.landing import land_stream
from ingest.records import Limits, Line, check
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from ingest.simulator import generate
from ingest.simulator.twilio_insights import partial_summary
from tests.landed import land_items

# Deliveries come up to two days late; those of the last days must not be squeezed into them.
DAYS_AFTER = 2


def generate_days(estate: Path, *, calls: int, days: int, first: date, seed: int) -> None:
    """Generate ``days`` days of ``calls`` calls each, with faults, and some days after them."""
    generate(estate, calls=calls, days=days + DAYS_AFTER, start=first, seed=seed, profile="faulty")
    late = json.loads((estate / "http" / "server.json").read_text())["late_summaries"]
    for stream in all_streams():
        if stream.kind == "http":
            _sort_by_day(estate, stream, late)


def land_days(settings: Settings, estate: Path, days: Sequence[date]) -> dict[str, float]:
    """Land what was delivered on some days, day by day in each stream; what it came to."""
    records = size = 0
    for stream in all_streams():
        if stream.kind != "http":
            outcome = land_stream(settings, stream, days)
            records, size = records + outcome.records_landed, size + outcome.bytes
            continue
        for path in (_day_file(estate, stream, day) for day in days):
            if path.exists():
                with path.open("rb") as lines:
                    landed = land_items(settings, stream, (line.rstrip(b"\n") for line in lines))
                records, size = records + landed.records_landed, size + landed.bytes
    return {"records": records, "mb": size / 1e6}


def _sort_by_day(estate: Path, stream: Stream, late: Mapping[str, int]) -> None:
    files: dict[Path, BinaryIO] = {}
    source = estate / "http" / stream.provider / f"{stream.name}.jsonl"
    with contextlib.ExitStack() as stack, source.open("rb") as lines:
        for line in lines:
            for day, raw in _deliveries(stream, line.rstrip(b"\n"), late):
                path = _day_file(estate, stream, day)
                if path not in files:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    files[path] = stack.enter_context(path.open("wb"))
                files[path].write(raw + b"\n")
    source.unlink()


def _deliveries(
    stream: Stream, raw: bytes, late: Mapping[str, int]
) -> Iterator[tuple[date, bytes]]:
    item = check(raw, Limits())
    assert isinstance(item, Line), f"{stream.name}: the simulator wrote what cannot land"
    day = stream.day(item.value)
    final_ms = late.get(str(item.value.get("call_sid"))) if stream.name == "summaries" else None
    if final_ms is None:
        yield day, raw
        return
    yield day, msgspec.json.encode(partial_summary(msgspec.json.decode(raw)))
    finished = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=final_ms)).date()
    yield max(day, finished), raw


def _day_file(estate: Path, stream: Stream, day: date) -> Path:
    return estate / "by_day" / f"{day}" / f"{stream.provider}.{stream.name}.jsonl"
