"""The deliveries as files, in the folder layout in which each provider leaves them.

Records are kept by the hour (spans by the export interval) of their delivery until the clock has
passed it, so memory holds the open hours only. Bytes are the same for the same estate.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from ingest.simulator.clock import iso_s, path_day, path_hour
from ingest.simulator.delivery import Fault
from ingest.simulator.faults import FaultProfile
from ingest.simulator.otlp_batch import batch
from ingest.simulator.records import Record

HOUR_MS = 3_600_000
EXPORT_MS = 300_000
MAX_FILE_BYTES = 4 << 20
SPANS_A_BATCH = 200
MAX_OVERSIZED = 2
OVERSIZED_BYTES = 1_300_000
_DOCUMENTS = frozenset({"contact_lens", "session_reports"})


@dataclass(slots=True)
class _Buffer:
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    files: int = 0


class DropWriter:
    """Writes drop files as ``<provider>/<stream>/...``.

    Args:
        put: takes a key and the bytes of a whole file; a local folder or an object store.
        seed: the estate's seed.
        profile: for malformed lines and batches that the collector sends twice.
    """

    def __init__(
        self, put: Callable[[str, bytes], object], seed: int, profile: FaultProfile
    ) -> None:
        self.put = put
        self.seed = seed
        self.profile = profile
        self.faults: list[Fault] = []
        self._hours: dict[tuple[int, str, str], _Buffer] = {}
        self._spans: dict[int, list[Record]] = {}
        self._oversized = 0

    def add(self, record: Record) -> None:
        """Takes one delivery."""
        if record.stream == "spans":
            record.encode()
            record.body = {}
            self._spans.setdefault(record.at_ms // EXPORT_MS, []).append(record)
        elif record.stream in _DOCUMENTS:
            self._document(record)
        else:
            key = (record.at_ms // HOUR_MS, record.provider, record.stream)
            buffer = self._hours.setdefault(key, _Buffer())
            data = record.encode()
            buffer.lines.append(data)
            buffer.size += len(data)
            if buffer.size >= MAX_FILE_BYTES:
                self._write_hour(key, buffer)

    def advance(self, now_ms: int) -> None:
        """Writes everything of hours and intervals that have passed."""
        for interval in sorted(i for i in self._spans if (i + 1) * EXPORT_MS <= now_ms):
            self._write_spans(interval, self._spans.pop(interval))
        for key in sorted(k for k in self._hours if (k[0] + 1) * HOUR_MS <= now_ms):
            self._write_hour(key, self._hours.pop(key))

    def close(self) -> None:
        """Writes what is left."""
        self.advance(1 << 60)

    def _document(self, record: Record) -> None:
        folder = "contact_lens" if record.stream == "contact_lens" else "session_reports"
        name = record.name.replace("{day}", path_day(record.at_ms))
        key = f"{record.provider}/{folder}/{name}"
        # A document delivered twice on one day is the same object again.
        self.put(key, record.encode())

    def _write_hour(self, key: tuple[int, str, str], buffer: _Buffer) -> None:
        hour, provider, stream = key
        if not buffer.lines:
            return
        rng = Random(f"{self.seed}|file|{provider}|{stream}|{hour}|{buffer.files}")
        folder = f"{provider}/{stream}/{path_hour(hour * HOUR_MS)}"
        name = str(UUID(int=rng.getrandbits(128), version=4))
        if stream == "contact_records":
            # A delivery stream concatenates the records and adds no newline.
            stamp = iso_s(hour * HOUR_MS)[:19].replace("T", "-").replace(":", "-")
            data = b"".join(buffer.lines)
            name = f"harborline-ctr-1-{stamp}-{name}"
        else:
            data = self._lines(buffer.lines, f"{folder}/{name}", rng)
            name += ".jsonl"
        if stream != "webhooks" and hour % 3 == 0:
            data, name = gzip.compress(data, 1, mtime=0), f"{name}.gz"
        self.put(f"{folder}/{name}", data)
        buffer.lines, buffer.size = [], 0
        buffer.files += 1

    def _write_spans(self, interval: int, spans: list[Record]) -> None:
        spans.sort(key=lambda r: (r.at_ms, r.key))
        rng = Random(f"{self.seed}|file|spans|{interval}")
        lines: list[bytes] = []
        for at in range(0, len(spans), SPANS_A_BATCH):
            lines.append(batch(spans[at : at + SPANS_A_BATCH]))
            if rng.random() < self.profile.rate("duplicate_delivery"):
                lines.append(lines[-1])
                self.faults.append(Fault("duplicate_delivery", -1, (), f"batch {interval}"))
        exported = (interval + 1) * EXPORT_MS
        year, month, day, hour = path_hour(exported).split("/")
        folder = (
            f"otlp/spans/year={year}/month={month}/day={day}/hour={hour}"
            f"/minute={exported // 60_000 % 60:02d}"
        )
        name = f"traces_{rng.randrange(10**9):09d}.json"
        data = self._lines(lines, f"{folder}/{name}", rng)
        if interval % 4 == 0:
            data, name = gzip.compress(data, 1, mtime=0), f"{name}.gz"
        self.put(f"{folder}/{name}", data)

    def _lines(self, lines: list[bytes], key: str, rng: Random) -> bytes:
        """Newline-delimited, with a line that no reader can use now and then."""
        if rng.random() < self.profile.rate("malformed_line"):
            kind = rng.choice(("broken_json", "invalid_utf8", "oversized"))
            if kind == "oversized" and self._oversized >= MAX_OVERSIZED:
                kind = "broken_json"
            at = rng.randrange(len(lines) + 1)
            lines = [*lines[:at], self._malformed(kind, lines), *lines[at:]]
            self.faults.append(Fault("malformed_line", -1, (), f"{kind} in {key}, line {at + 1}"))
        return b"\n".join(lines) + b"\n"

    def _malformed(self, kind: str, lines: list[bytes]) -> bytes:
        if kind == "broken_json":
            return lines[0][: len(lines[0]) // 2]
        if kind == "invalid_utf8":
            return b'{"event":"room_started","id":"EV_\xff\xfe\x80broken"}'
        self._oversized += 1
        return b'{"event":"room_started","padding":"' + b"x" * OVERSIZED_BYTES + b'"}'
