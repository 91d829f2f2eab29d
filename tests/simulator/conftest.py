"""Small estates that the tests of this folder share, and a reader of what they hold on the wire."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from ingest.simulator import Estate, FaultProfile, generate

START = date(2026, 5, 1)


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def concatenated(text: str) -> list[dict]:
    """Objects that follow each other without newlines."""
    out, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        record, at = decoder.raw_decode(text, at)
        out.append(record)
    return out


def wire(estate: Estate) -> dict[str, list[dict]]:
    """Every record as it lies on the wire, by provider.stream, but what a reader must reject.

    Contact Lens documents are (file name, document) under ``source_name`` and ``document``.
    """
    found: dict[str, list[dict]] = defaultdict(list)
    for path in sorted(p for p in estate.drops.rglob("*") if p.is_file()):
        provider, stream = path.relative_to(estate.drops).parts[:2]
        name = f"{provider}.{stream}"
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if stream == "contact_lens":
            found[name].append({"source_name": path.name, "document": json.loads(raw)})
        elif stream == "contact_records":
            found[name] += concatenated(raw.decode())
        else:
            found[name] += _json_lines(raw)
    for path in sorted(estate.http.rglob("*.jsonl")):
        found[f"{path.parent.name}.{path.stem}"] += read_lines(path)
    return found


def _json_lines(raw: bytes) -> list[dict]:
    out = []
    for line in raw.splitlines():
        if len(line) > 1 << 20:
            continue
        try:
            out.append(json.loads(line))
        except ValueError:
            continue
    return out


def spans(records: dict[str, list[dict]]) -> list[dict]:
    return [
        span
        for batch in records["otlp.spans"]
        for resource in batch.get("resourceSpans", ())
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(span: dict) -> dict:
    return {a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}


def truth(estate: Estate, name: str) -> list[dict]:
    return read_lines(estate.truth / f"{name}.jsonl")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    out = tmp_path_factory.mktemp("clean")
    return generate(out, calls=60, days=2, start=START, seed=11, profile="clean")


@pytest.fixture(scope="session")
def clean_wire(clean: Estate) -> dict[str, list[dict]]:
    return wire(clean)


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Every fault, at rates high enough to see each of them in a small estate."""
    rates = {
        "missing_agent_session": 0.05,
        "missing_sip_headers": 0.05,
        "missing_contact_header": 0.1,
        "missing_connect_attribute": 0.1,
        "missing_connect_link": 0.05,
        "missing_trace": 0.05,
        "constant_trace_id": 0.05,
        "zero_trace_id": 0.05,
        "reused_room_names": 0.1,
        "unredacted_twin": 0.5,
        "unredacted_payload": 0.1,
        "partial_summary": 0.1,
        "late_summary": 0.1,
        "malformed_line": 0.2,
        "reemitted_record": 0.1,
    }
    out = tmp_path_factory.mktemp("faulty")
    profile = FaultProfile.of("faulty", rates)
    return generate(out, calls=120, days=2, start=START, seed=12, profile=profile)


@pytest.fixture(scope="session")
def faulty_wire(faulty: Estate) -> dict[str, list[dict]]:
    return wire(faulty)
