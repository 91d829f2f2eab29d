"""One landing object in, one redacted object out. Runs in a worker process."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from expectations.withholding import STATE, safe_record_key, withhold
from ingest.collector import rare_collections
from ingest.fields import FieldError
from ingest.providers.amazon_connect import lens_artefact, lens_name
from ingest.redaction.engine import Redaction, Redactor, TooDeepError
from ingest.redaction.parquet import RowWriter
from ingest.redaction.policy import default_policy
from ingest.registry import Stream, get_stream
from ingest.store import Store, open_store

_MAX_LINE_BYTES = 256 << 20


class ObjectError(Exception):
    """A landing object that is not what its name says; nothing is written for it."""


@dataclass(frozen=True, slots=True)
class ObjectJob:
    """Everything a worker needs, and no more of the settings' secrets than the token key."""

    landing: str
    redacted: str
    endpoint_url: str | None
    token_key: bytes = field(repr=False)
    provider: str
    stream: str
    landing_key: str
    dt: str
    parquet_key: str
    sidecar_key: str
    rejects_prefix: str

    @property
    def stem(self) -> str:
        """``<landed_at>-<sha16>``."""
        return self.landing_key.rpartition("/")[2].removesuffix(".jsonl.zst")

    @property
    def landed_at(self) -> datetime:
        """When the object landed, from its name."""
        stamp = self.stem.partition("-")[0]
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def redact_object(job: ObjectJob) -> dict[str, Any]:
    """Redact one landing object and write its Parquet object, rejects and sidecar, in that order.

    Returns:
        The sidecar.

    Raises:
        ObjectError: the object does not decompress, or is not the content its name promises.
    """
    landing = open_store(job.landing, job.endpoint_url)
    redacted = open_store(job.redacted, job.endpoint_url)
    with rare_collections(), tempfile.TemporaryDirectory(prefix="callstory-redact-") as folder:
        path = Path(folder) / "rows.parquet"
        writer = RowWriter(path)
        run = _ObjectRun(job, writer)
        try:
            for number, line in enumerate(_lines(landing, job), start=1):
                run.line(number, line)
        finally:
            writer.close()
        redacted.put_file(job.parquet_key, path)
    for number, row in run.rejects:
        redacted.put(f"{job.rejects_prefix}__{number}.json", msgspec.json.encode(row) + b"\n")
    sidecar = run.sidecar()
    redacted.put(job.sidecar_key, msgspec.json.encode(sidecar) + b"\n")
    return sidecar


class _ObjectRun:
    """Turns lines into rows and keeps the object's counts."""

    def __init__(self, job: ObjectJob, writer: RowWriter) -> None:
        self.job = job
        self.writer = writer
        self.stream = get_stream(job.provider, job.stream)
        self.redactor = _redactor(f"{job.provider}.{job.stream}", job.token_key)
        self.version = default_policy().version
        self.landed_at = job.landed_at
        self.received = self.redacted = self.rows = 0
        self.states: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.drift: Counter[str] = Counter()
        self.rejects: list[tuple[int, dict[str, Any]]] = []

    def line(self, number: int, line: bytes) -> None:
        """Redact one landed record; what cannot be becomes a reject, and the others go on."""
        self.received += 1
        try:
            rows = _redacted_rows(self.stream, self.redactor, line)
        except _RejectError as error:
            self.rejects.append((number, self._reject(number, line, str(error))))
            return
        self.redacted += bool(rows)
        digest = hashlib.sha256(line).hexdigest()
        for part, (key, redaction) in enumerate(rows):
            record_hash = digest if self.stream.batch is None else f"{digest}:{part}"
            self._write(number, part, key, record_hash, redaction)

    def _write(
        self, number: int, part: int, key: str, record_hash: str, redaction: Redaction
    ) -> None:
        job = self.job
        record = msgspec.json.encode(redaction.record)
        # What the gate's detector still flags goes no further (DESIGN section 8).
        if withheld := withhold(record):
            record = withheld.record
            redaction.note(STATE, tuple(withheld.classes))
        classes, drift = sorted(redaction.classes), sorted(redaction.drift)
        self.writer.write(
            (
                job.provider,
                job.stream,
                safe_record_key(key),
                record_hash,
                self.landed_at,
                job.landing_key,
                number,
                part,
                record,
                redaction.state,
                classes,
                self.version,
                drift,
            )
        )
        self.rows += 1
        self.states[redaction.state] += 1
        if classes:
            self.classes.update(classes)
        if drift:
            self.drift.update(redaction.drift)

    def _reject(self, number: int, line: bytes, reason: str) -> dict[str, Any]:
        return {
            "provider": self.job.provider,
            "stream": self.job.stream,
            "object": self.job.landing_key,
            "line": number,
            "reason": reason,
            "bytes": len(line),
            "sha256": hashlib.sha256(line).hexdigest(),
            "landed_at": self.landed_at.isoformat(),
        }

    def sidecar(self) -> dict[str, Any]:
        """Counts of the object; ``received`` = ``redacted`` + ``rejected``."""
        return {
            "provider": self.job.provider,
            "stream": self.job.stream,
            "dt": self.job.dt,
            "landing_object": self.job.landing_key,
            "landed_at": self.landed_at.isoformat(),
            "received": self.received,
            "redacted": self.redacted,
            "rows": self.rows,
            "rejected": len(self.rejects),
            "states": dict(sorted(self.states.items())),
            "classes": dict(sorted(self.classes.items())),
            "drift": dict(sorted(self.drift.items())),
            "policy_version": self.version,
            "redacted_at": datetime.now(UTC).isoformat(),
        }


class _RejectError(Exception):
    """A record that cannot be redacted; the message is the reason's code."""


def _redacted_rows(stream: Stream, redactor: Redactor, line: bytes) -> list[tuple[str, Redaction]]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _RejectError("bad_json") from None
    if not isinstance(record, dict):
        raise _RejectError("not_an_object")
    try:
        parts = landed_rows(stream, record)
    except (FieldError, KeyError, TypeError, ValueError, AttributeError):
        raise _RejectError("no_key") from None
    if not parts:
        raise _RejectError("no_parts")
    try:
        return [(key, redactor.redact(part)) for key, part in parts]
    except (TooDeepError, RecursionError):
        raise _RejectError("too_deep") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # A shape that nobody thought of: the record is withheld, its neighbours are not.
        raise _RejectError("cannot_redact") from None


def landed_rows(stream: Stream, record: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """A landed record as the rows of the redacted zone, not yet redacted: (row key, row).

    Raises:
        FieldError: the record has no key.
    """
    rows = stream.explode(record)
    shape = _ROW_SHAPES.get((stream.provider, stream.name))
    return [(key, shape(row)) for key, row in rows] if shape else rows


def _lens_row(record: dict[str, Any]) -> dict[str, Any]:
    """A Contact Lens file as a row: what its name says beside what it holds."""
    name = lens_name(str(record["source_name"]))
    return {
        "contact_id": name.contact_id,
        "artefact": lens_artefact(record),
        "analysed_at": name.analysed_at,
        "document": record["document"],
    }


_ROW_SHAPES = {("amazon_connect", "contact_lens"): _lens_row}


@lru_cache(maxsize=32)
def _redactor(stream: str, token_key: bytes) -> Redactor:
    return Redactor(default_policy(), stream, token_key)


def _lines(landing: Store, job: ObjectJob) -> Iterator[bytes]:
    """The object's lines without their ends; raises at the end if its hash is not its name's."""
    digest = hashlib.sha256()
    try:
        with landing.open(job.landing_key) as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            buffered = io.BufferedReader(reader, 1 << 20)
            while line := buffered.readline(_MAX_LINE_BYTES):
                digest.update(line)
                if stripped := line.rstrip(b"\r\n"):
                    yield stripped
    except zstandard.ZstdError:
        raise ObjectError("does not decompress") from None
    if digest.hexdigest()[:16] != job.stem.rpartition("-")[2]:
        raise ObjectError("its content is not what its name says (SHA-256)")
