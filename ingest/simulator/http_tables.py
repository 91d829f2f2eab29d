"""The records that the HTTP providers hold, indexed for paging: bytes stay where they are.

A file of JSON lines is mapped into memory, and each line known by its offset and sort key only, so
a day of 20,000 calls costs a few megabytes.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec

from ingest.simulator.clock import parse_ms

Source = Path | Mapping[str, Sequence[Mapping[str, Any]]]
"""A folder ``<provider>/<stream>.jsonl``, or ``provider.stream`` -> records."""


class _Row(msgspec.Struct):
    """The few fields of any of the streams that paging and filters look at."""

    sid: str = ""
    call_sid: str = ""
    date_created: str = ""
    start_time: str = ""
    end_time: str | None = ""
    created_time: str = ""
    timestamp: str = ""
    id: int = 0
    generated_timestamp: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: where it is, when it happened, and when it can first be seen (epoch ms)."""

    at_ms: int
    name: str
    begin: int
    end: int
    seen_ms: int
    final_ms: int = 0


def _rfc_ms(text: str) -> int:
    return round(parsedate_to_datetime(text).timestamp() * 1000)


def _call(row: _Row) -> tuple[int, str, int, int]:
    ended = _rfc_ms(row.end_time) if row.end_time else 0
    return _rfc_ms(row.start_time), row.sid, _rfc_ms(row.date_created), ended


def _recording(row: _Row) -> tuple[int, str, int, int]:
    created = _rfc_ms(row.date_created)
    return created, row.sid, created, 0


def _summary(row: _Row) -> tuple[int, str, int, int]:
    end = parse_ms(row.end_time or "")
    return parse_ms(row.start_time), row.call_sid, end + 600_000, end + 1_800_000


def _event(row: _Row) -> tuple[int, str, int, int]:
    at = parse_ms(row.timestamp)
    return at, row.call_sid, at + 90_000, 0


def _ticket(row: _Row) -> tuple[int, str, int, int]:
    at = row.generated_timestamp * 1000
    return at, str(row.id), at, 0


_READERS: dict[str, Callable[[_Row], tuple[int, str, int, int]]] = {
    "twilio.calls": _call,
    "twilio.recordings": _recording,
    "twilio.summaries": _summary,
    "twilio.events": _event,
    "zendesk.tickets": _ticket,
}


class Table:
    """One stream's records in order of time."""

    def __init__(self, stream: str, data: bytes | mmap.mmap) -> None:
        self._data = data
        read, decode = _READERS[stream], msgspec.json.Decoder(_Row).decode
        entries = []
        for begin, end in _lines(data):
            at, name, seen, final = read(decode(data[begin:end]))
            entries.append(Entry(at, name, begin, end, seen, final))
        entries.sort(key=lambda e: (e.at_ms, e.name, e.begin))
        self.entries = entries
        self._times = [e.at_ms for e in entries]

    def raw(self, entry: Entry) -> bytes:
        """The record's bytes."""
        return bytes(self._data[entry.begin : entry.end])

    def between(self, from_ms: int | None, until_ms: int | None) -> list[Entry]:
        """Entries with ``from_ms`` <= time < ``until_ms``."""
        low = 0 if from_ms is None else bisect_left(self._times, from_ms)
        high = len(self._times) if until_ms is None else bisect_left(self._times, until_ms)
        return self.entries[low:high]

    def by_name(self) -> dict[str, list[Entry]]:
        """Entries by their name (SID or ticket), each in order of time."""
        out: dict[str, list[Entry]] = {}
        for entry in self.entries:
            out.setdefault(entry.name, []).append(entry)
        return out


def _lines(data: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    at, size = 0, len(data)
    while at < size:
        end = data.find(b"\n", at)
        end = size if end < 0 else end
        if end > at:
            yield at, end
        at = end + 1


def load_tables(source: Source) -> dict[str, Table]:
    """A table for each stream of the HTTP providers; an absent one is empty."""
    tables = {}
    for stream in _READERS:
        if isinstance(source, Path):
            path = source / f"{stream.replace('.', '/')}.jsonl"
            tables[stream] = Table(stream, _mapped(path))
        else:
            lines = (msgspec.json.encode(record) for record in source.get(stream, ()))
            tables[stream] = Table(stream, b"\n".join(lines))
    return tables


def _mapped(path: Path) -> bytes | mmap.mmap:
    if not path.exists() or path.stat().st_size == 0:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
