"""Delivers hostile records as each provider would: files in its folders, pages over HTTP."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import zstandard

from ingest.landing import LandOutcome, land_stream
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from tests.ingest.helpers import settings_in
from tests.ingest.web import Answer, web

DAY = date(2026, 5, 1)
FOLDERS = {
    "contact_records": f"contact_records/{DAY:%Y/%m/%d}/00",
    "flow_logs": f"flow_logs/{DAY:%Y/%m/%d}/00",
    "contact_lens": f"contact_lens/Analysis/Voice/{DAY:%Y/%m/%d}",
    "webhooks": f"webhooks/{DAY:%Y/%m/%d}/00",
    "session_reports": f"session_reports/{DAY:%Y/%m/%d}",
    "spans": f"spans/year={DAY:%Y}/month={DAY:%m}/day={DAY:%d}/hour=00",
}
LISTS = {
    "Calls.json": ("calls", "calls"),
    "Recordings.json": ("recordings", "recordings"),
    "Summaries": ("summaries", "call_summaries"),
    "Events": ("events", "events"),
    "cursor": ("tickets", "tickets"),
}
Records = Mapping[str, list[bytes]]


def hostile_settings(home: Path) -> Settings:
    """Settings of a home whose drops lie in ``drops``; a hostile estate has many rejects."""
    for provider in ("amazon_connect", "livekit", "otlp"):
        (home / "drops" / provider).mkdir(parents=True, exist_ok=True)
    return settings_in(home, token_key=b"the key that must stand nowhere", max_rejects=100_000)


def deliver_files(home: Path, records: Records) -> None:
    """One file a stream, a record a line; Contact Lens documents are files of their own."""
    for stream in all_streams():
        raws = records.get(stream.name, [])
        if stream.kind != "drop" or not raws:
            continue
        folder = home / "drops" / stream.provider / FOLDERS[stream.name]
        folder.mkdir(parents=True, exist_ok=True)
        if stream.name == "contact_lens":
            _lens_files(folder, raws)
        else:
            (folder / "data").write_bytes(b"\n".join(raws))


def _lens_files(folder: Path, raws: list[bytes]) -> None:
    for number, raw in enumerate(raws):
        try:
            told = msgspec.json.decode(raw)
            name, body = told["source_name"], json.dumps(told["document"]).encode()
        except (ValueError, KeyError, TypeError, RecursionError):
            # No record with a name: the bytes of a document, for a file named here.
            name, body = f"broken{number}_analysis_{DAY}T10_00_00Z.json", raw
        safe = str(name).replace("/", "_").replace("\0", "_").encode("utf-8", "replace")[-200:]
        path = folder / safe.decode("utf-8", "replace")
        if path.exists():
            path = path.with_name(f"{number}{path.name}"[-200:])
        path.write_bytes(body)


def bombs(home: Path, stream: Stream, good: bytes) -> None:
    """Compressed deliveries beside the others: two bombs, two broken ones, two good ones."""
    folder = home / "drops" / stream.provider / FOLDERS[stream.name]
    folder.mkdir(parents=True, exist_ok=True)
    zeros = b" " * (64 << 20)
    name = f"%s_analysis_{DAY}T10_00_00Z.json" if stream.name == "contact_lens" else "%s"
    for kind, data in {
        "bomb.gz": gzip.compress(zeros),
        "bomb.zst": zstandard.compress(zeros),
        "cut.gz": gzip.compress(good)[:-9],
        "broken.gz": b"\x1f\x8b\x08\x00" + b"\xff" * 40,
        "bom": b"\xef\xbb\xbf" + good,
        "good.gz": gzip.compress(good),
    }.items():
        (folder / (name % kind)).write_bytes(data)


def land_all(settings: Settings, records: Records) -> dict[str, LandOutcome]:
    """Land every stream of the day, the HTTP ones from a server that serves the records."""
    with web(_pages(records)) as site:
        settings = replace(
            settings, twilio_api_url=site.url, twilio_insights_url=site.url, zendesk_url=site.url
        )
        return {
            stream.name: land_stream(settings, stream, [DAY], backoff_s=0)
            for stream in all_streams()
        }


def _pages(records: Records) -> Callable[[str], Answer]:
    events_told = False

    def respond(path: str) -> Answer:
        nonlocal events_told
        stream, name = LISTS[path.partition("?")[0].rpartition("/")[2]]
        raws = records.get(stream, [])
        if stream == "events":  # asked for once a call; a provider has them under one
            raws, events_told = ([] if events_told else raws), True
        body = b'{"%b":[%b],"end_of_stream":true}' % (name.encode(), b",".join(raws))
        return Answer(body)

    return respond


def by_stream(pairs: Iterable[tuple[Stream, bytes]]) -> dict[str, list[bytes]]:
    """Records by the stream's name."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for stream, raw in pairs:
        found[stream.name].append(raw)
    return found
