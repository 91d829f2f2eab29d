"""One hostile estate: clean records of every stream, and hostile ones made from them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ingest.registry import Stream, all_streams
from tests.hostile import values
from tests.hostile.delivery import DAY
from tests.hostile.fuzz import mutants
from tests.incremental.deliveries import estate_records

CALLS, SEED = 10, 23
# What tells a record's day and key: spared when everything else is flooded, so that it lands.
SPARED = frozenset(
    {
        "ContactId", "InitiationTimestamp", "LastUpdateTimestamp", "Timestamp", "source_name",
        "id", "createdAt", "creationTime", "timestamp", "job_id", "startTimeUnixNano",
        "endTimeUnixNano", "traceId", "spanId", "sid", "call_sid", "date_created", "start_time",
        "created_time", "updated_at", "generated_timestamp",
    }
)  # fmt: skip
MOST_PLACES = 70


@dataclass
class Estate:
    """Records by stream name; ``reasons`` counts the rejects that are to be expected."""

    clean: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    hostile: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    reasons: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def delivered(self) -> dict[str, list[bytes]]:
        """Hostile records among the clean ones."""
        mixed = {}
        for stream in all_streams():
            clean, bad = list(self.clean[stream.name]), self.hostile[stream.name]
            mixed[stream.name] = [*clean[:1], *bad, *clean[1:]]
        return mixed


def hostile_estate(home: Path, seed: int, mutants_each: int) -> Estate:
    """Generate clean records, and from them those with hostile values, broken and mutated ones."""
    found = Estate()
    print(f"hostile estate: seed {seed}, {mutants_each} mutants a stream")
    records = estate_records(home, calls=CALLS, days=1, start=DAY, seed=SEED, profile="clean")
    for record in records:
        if _is_of_the_day(record.stream, record.raw):
            found.clean[record.stream.name].append(record.raw)
    rng = Random(seed)
    for stream in all_streams():
        templates = [json.loads(raw) for raw in _templates(found.clean[stream.name])]
        bad = found.hostile[stream.name]
        bad += [values.encoded(_renamed(stream, r, rng)) for r in _planted(templates)]
        bad += [
            values.encoded(_renamed(stream, values.flooded(templates[0], text, SPARED), rng))
            for name, text in values.TEXTS.items()
            if name != values.LONG
        ]
        whole = values.encoded(_renamed(stream, templates[0], rng))
        if stream.name == "contact_lens":  # what is delivered is the document alone
            whole = values.encoded(templates[0]["document"])
        for raw, reason in values.broken(whole).values():
            bad.append(raw)
            if reason:
                found.reasons[stream.name][reason] += 1
        bad += [
            values.encoded(_renamed(stream, mutant, rng))
            for mutant in mutants(templates, rng, mutants_each)
        ]
    return found


def _is_of_the_day(stream: Stream, raw: bytes) -> bool:
    return stream.day(json.loads(raw)) == DAY


def _templates(raws: list[bytes]) -> list[bytes]:
    """Few records that between them have every field of the stream."""
    chosen, seen = [], set()
    for raw in sorted(raws, key=len, reverse=True):
        record = json.loads(raw)
        shapes = {values.shape_of(record, p) for p in values.places(record, strings_only=False)}
        if not shapes <= seen:
            chosen.append(raw)
            seen |= shapes
    return [_short(raw) for raw in chosen[:4]]


def _short(raw: bytes) -> bytes:
    """A batch with few of its spans: each is a row, and one batch holds a hundred."""
    record = json.loads(raw)
    for resource in record.get("resourceSpans", []):
        for scope in resource["scopeSpans"]:
            scope["spans"] = scope["spans"][:4]
    return values.encoded(record)


def _planted(templates: list[Any]) -> list[Any]:
    """One record for each string field, each with the next hostile value."""
    texts = list(values.TEXTS.items())
    found, seen = [], set()
    for template in templates:
        for path in values.places(template):
            shape = values.shape_of(template, path)
            if shape in seen or len(seen) >= MOST_PLACES:
                continue
            name, text = texts[len(seen) % len(texts)]
            seen.add(shape)
            # One very long text a stream is enough, and most of the bytes.
            if name == values.LONG and len(seen) > len(texts):
                text = values.TEXTS["sql"]
            found.append(values.planted(template, path, text))
    return found


_HEX = "0123456789abcdef"


def _renamed(stream: Stream, record: Any, rng: Random) -> Any:
    """The record under an ID of its own, unless its ID is what is hostile."""
    if not isinstance(record, dict):
        return record
    digits = "".join(rng.choice(_HEX) for _ in range(32))
    fresh = {
        "contact_records": ("ContactId", f"{digits[:8]}-0000-4000-a000-{digits[:12]}"),
        "session_reports": ("job_id", f"AJ_{digits[:12]}"),
        "webhooks": ("id", f"EV_{digits[:12]}"),
        "calls": ("sid", f"CA{digits}"),
        "recordings": ("sid", f"RE{digits}"),
        "summaries": ("call_sid", f"CA{digits}"),
        "tickets": ("id", rng.randrange(10**6, 10**9)),
        "contact_lens": (
            "source_name",
            f"{digits[:8]}-0000-4000-b000-{digits[:12]}_analysis_{DAY}T10_00_00Z.json",
        ),
    }.get(stream.name)
    if fresh is None or not _is_plain(record.get(fresh[0])):
        return record
    return {**record, fresh[0]: fresh[1]}


def _is_plain(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value not in _HOSTILE)


_HOSTILE = frozenset(values.TEXTS.values())
