"""Landing: a day of a stream into write-once objects, verbatim, each record once.

``<provider>/<stream>/dt=<YYYY-MM-DD>/<landed_at>-<sha256 prefix>.jsonl.zst`` holds one record a
line. ``dt`` is the record's own day in UTC, which need not be the day pulled. Pulling a day again
lands only what is new or changed. Nothing is ever overwritten, so a failed or short fetch cannot
hide good data: what came whole lands, and the attempt counts as failed.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import zstandard

from ingest.access.refused import Refused
from ingest.collector import rare_collections
from ingest.errors import PermanentError, TooManyRejects
from ingest.fields import FieldError, content_key
from ingest.outcomes import Attempt, write_outcome
from ingest.records import Item, Limits, Reject
from ingest.registry import PullContext, Stream
from ingest.rejects import RejectBin
from ingest.settings import Settings
from ingest.store import Store, open_store

_HASH_BYTES = 16
_LEVEL = 3


@dataclass
class LandOutcome:
    """What landing the days of a stream did.

    ``objects`` are the new landing keys; ``days_touched`` the days they belong to. The counts are
    those of ``ingest.outcomes.Attempt``, over all days.
    """

    provider: str
    stream: str
    objects: list[str] = field(default_factory=list)
    records_seen: int = 0
    records_landed: int = 0
    rejected: int = 0
    bytes: int = 0
    days_touched: set[date] = field(default_factory=set)


def utcnow() -> datetime:
    """The present instant, with its zone."""
    return datetime.now(UTC)


def stamp_of(instant: datetime) -> str:
    """The instant as object names carry it; names then sort by it."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


def packed(lines: Sequence[bytes]) -> tuple[str, bytes]:
    """Lines as a landing object: the hash that its name carries, and its compressed bytes."""
    data = b"".join(line + b"\n" for line in lines)
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    return hashlib.sha256(data).hexdigest()[:16], compressor.compress(data)


def land_stream(
    settings: Settings,
    stream: Stream,
    days: Sequence[date],
    now: Callable[[], datetime] = utcnow,
    backoff_s: float = 1.0,
) -> LandOutcome:
    """Pull the days of a stream and land what is new.

    Args:
        settings: Where to land, limits, credentials.
        stream: Which stream.
        days: UTC days to ask the provider for, pulled one after another.
        now: The clock that stamps objects; one instant a day pulled.
        backoff_s: First wait before an HTTP retry.

    Raises:
        IngestError: a pull failed. What had come whole is landed, the attempt is recorded as
            failed, later days are not pulled.
    """
    store = open_store(settings.landing, settings.s3_endpoint_url)
    context = PullContext(settings, Limits(record_bytes=settings.max_record_bytes), backoff_s)
    outcome = LandOutcome(stream.provider, stream.name)
    with rare_collections():
        for day in days:
            _land_day(store, context, stream, day, landed_at=now(), outcome=outcome)
    return outcome


def _land_day(
    store: Store,
    context: PullContext,
    stream: Stream,
    day: date,
    *,
    landed_at: datetime,
    outcome: LandOutcome,
) -> None:
    attempt = Attempt(stream.provider, stream.name, day, landed_at)
    lander = Lander(store, stream, landed_at, context, attempt)
    begun = time.monotonic()
    try:
        try:
            for item in stream.pull(context, day):
                lander.add(item)
        finally:
            lander.flush()
        attempt.ok = True
    except Exception as error:
        attempt.error_class = type(error).__name__
        raise
    finally:
        attempt.duration_ms = int((time.monotonic() - begun) * 1000)
        write_outcome(store, attempt, stamp_of(landed_at))
        outcome.objects += lander.objects
        outcome.days_touched |= lander.days_touched
        outcome.records_seen += attempt.records_seen
        outcome.records_landed += attempt.records_landed
        outcome.rejected += attempt.rejected
        outcome.bytes += attempt.bytes


class Lander:
    """Takes records and rejects of one pull, and writes objects. Counts into ``attempt``."""

    def __init__(
        self,
        store: Store,
        stream: Stream,
        landed_at: datetime,
        context: PullContext,
        attempt: Attempt,
    ) -> None:
        self.objects: list[str] = []
        self.days_touched: set[date] = set()
        self._store = store
        self._stream = stream
        self._stamp = stamp_of(landed_at)
        self._settings = context.settings
        self._attempt = attempt
        self._bin = RejectBin(store, stream.prefix, self._stamp)
        self._refused = Refused(store, stream)
        self._known: dict[date, set[bytes]] = {}
        self._waiting: dict[date, list[bytes]] = {}
        self._sizes: dict[date, int] = {}
        self._size = 0

    def add(self, item: Item) -> None:
        """Take one record or reject.

        Raises:
            TooManyRejects: more than the settings allow in one pull; all of them are kept.
        """
        self._attempt.records_seen += 1
        if isinstance(item, Reject):
            self._reject(item)
            return
        try:
            # A content key cannot fail, and is not needed before redaction.
            if self._stream.key is not content_key:
                self._stream.key(item.value)
        except FieldError:
            self._reject(Reject("no_key", io.BytesIO(item.raw)))
            return
        try:
            day = self._stream.day(item.value)
        except FieldError:
            self._reject(Reject("no_day", io.BytesIO(item.raw)))
            return
        raw = self._refused.rest_of(item, day)
        if raw is None:
            self._attempt.refused += 1
        else:
            self._land(day, raw)

    def flush(self) -> None:
        """Write everything that waits."""
        for day in sorted(self._waiting):
            self._write(day)

    def _land(self, day: date, raw: bytes) -> None:
        digest = hashlib.sha256(raw).digest()[:_HASH_BYTES]
        if day not in self._known:
            self._known[day] = self._landed(day)
        known = self._known[day]
        if digest in known:
            return
        known.add(digest)
        if self._size + len(raw) + 1 > self._settings.max_object_bytes and self._sizes:
            self._write(max(self._sizes, key=self._sizes.__getitem__))
        self._waiting.setdefault(day, []).append(raw)
        self._sizes[day] = self._sizes.get(day, 0) + len(raw) + 1
        self._size += len(raw) + 1

    def _landed(self, day: date) -> set[bytes]:
        """Content hashes of everything that lies in the day's objects."""
        return {
            hashlib.sha256(line).digest()[:_HASH_BYTES]
            for key in self._store.list(f"{self._stream.prefix}dt={day.isoformat()}/")
            for line in self._lines(key)
        }

    def _lines(self, key: str) -> list[bytes]:
        try:
            return zstandard.ZstdDecompressor().decompress(self._store.get(key)).split(b"\n")
        except zstandard.ZstdError:
            raise PermanentError(
                f"the landing object {key} is corrupt, restore it: it does not decompress"
            ) from None

    def _write(self, day: date) -> None:
        lines = self._waiting.pop(day, [])
        self._size -= self._sizes.pop(day, 0)
        if not lines:
            return
        digest, data = packed(lines)
        key = f"{self._stream.prefix}dt={day.isoformat()}/{self._stamp}-{digest}.jsonl.zst"
        if self._store.put(key, data):
            self.objects.append(key)
            self.days_touched.add(day)
            self._attempt.records_landed += len(lines)
            self._attempt.bytes += sum(map(len, lines)) + len(lines)

    def _reject(self, reject: Reject) -> None:
        self._bin.keep(reject)
        self._attempt.rejected += 1
        if self._attempt.rejected > self._settings.max_rejects:
            name = f"{self._stream.provider}.{self._stream.name}"
            raise TooManyRejects(
                f"{name}: more than {self._settings.max_rejects} rejects in one pull "
                f"(CALLSTORY_MAX_REJECTS); they are kept under {self._stream.prefix}_rejects/"
            )
