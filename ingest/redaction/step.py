"""The redaction step: the only reader of the landing zone.

For each landing object it writes one Parquet object of redacted records and one sidecar with its
counts, under the policy's version. Both are write-once and a pure function of the landing object,
the policy and the token key; an object is done when both exist; the sidecar is written last.
"""

from __future__ import annotations

import hashlib
import hmac
import multiprocessing
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from ingest.redaction.objects import ObjectError, ObjectJob, redact_object
from ingest.redaction.parquet import empty_table_bytes
from ingest.redaction.policy import policy_version
from ingest.registry import Stream
from ingest.settings import Settings
from ingest.store import Store, open_store

EMPTY_DAY = "dt=0001-01-01"
# Starting a process costs about as much as redacting this many compressed bytes.
_WORTH_PROCESSES_BYTES = 4 << 20
_OBJECT = re.compile(
    r"(?P<dt>dt=\d{4}-\d\d-\d\d)/(?P<stem>[0-9TZ]{16,30}-[0-9a-f]{16})\.jsonl\.zst"
)
_REJECT = re.compile(r"(?P<landed_at>[0-9TZ]{16,30})-[0-9a-f]{16}\.(?P<reason>[a-z0-9_]+)\.bin")


class RedactionError(Exception):
    """Landing objects that cannot be redacted; the message names them and why, never their text."""


@dataclass(frozen=True)
class RedactOutcome:
    """What one call of ``redact_stream`` did. Counts cover the objects redacted by this call.

    ``days`` are the ``dt`` values (YYYY-MM-DD) of those objects; ``skipped`` counts objects that
    were redacted before under the same policy version.
    """

    provider: str
    stream: str
    policy_version: str
    objects: tuple[str, ...] = ()
    skipped: int = 0
    received: int = 0
    rows: int = 0
    rejected: int = 0
    states: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    drift: dict[str, int] = field(default_factory=dict)
    days: tuple[str, ...] = ()


def redact_stream(settings: Settings, stream: Stream, workers: int | None = None) -> RedactOutcome:
    """Redact every landing object of the stream not yet redacted under the current policy.

    Args:
        settings: places, token key, and ``workers`` where the argument is None.
        stream: the stream.
        workers: processes; None takes the settings' number where the bytes are worth it. One
            object or one worker is redacted in this process.

    Raises:
        RedactionError: objects that are corrupt (the others are redacted all the same), or a token
            key other than the one this policy version's objects were written with.
    """
    version = policy_version()
    base = f"policy={version}"
    landing = open_store(settings.landing, settings.s3_endpoint_url)
    redacted = open_store(settings.redacted, settings.s3_endpoint_url)
    _check_key(redacted, base, settings.token_key)
    _write_placeholders(redacted, base, stream)
    _redact_rejects(landing, redacted, base, stream)
    jobs = list(_jobs(settings, stream, landing, base))
    sidecars_there = set(redacted.list(f"{base}/_objects/{stream.prefix}"))
    rows_there = set(redacted.list(f"{base}/{stream.prefix}"))
    todo = [
        job
        for job in jobs
        if job.sidecar_key not in sidecars_there or job.parquet_key not in rows_there
    ]
    if workers is None:
        size = sum(landing.size(job.landing_key) for job in todo)
        workers = settings.workers if size >= _WORTH_PROCESSES_BYTES else 1
    results = list(_run(todo, workers))
    problems = [result for result in results if isinstance(result, str)]
    if problems:
        raise RedactionError(
            f"{len(problems)} landing objects of {stream.provider}.{stream.name} "
            "cannot be redacted:\n  " + "\n  ".join(problems)
        )
    sidecars = [result for result in results if isinstance(result, dict)]
    return _outcome(stream, version, sidecars, len(jobs) - len(todo))


def _jobs(settings: Settings, stream: Stream, landing: Store, base: str) -> Iterator[ObjectJob]:
    prefix = stream.prefix
    for key in landing.list(prefix):
        match = _OBJECT.fullmatch(key.removeprefix(prefix))
        if match:
            dt, stem = match["dt"], match["stem"]
            yield ObjectJob(
                landing=settings.landing,
                redacted=settings.redacted,
                endpoint_url=settings.s3_endpoint_url,
                token_key=settings.token_key,
                provider=stream.provider,
                stream=stream.name,
                landing_key=key,
                dt=dt.removeprefix("dt="),
                parquet_key=f"{base}/{stream.prefix}{dt}/{stem}.parquet",
                sidecar_key=f"{base}/_objects/{stream.prefix}{dt}__{stem}.json",
                rejects_prefix=f"{base}/_rejects/{stream.prefix}{stem}",
            )


def _run(jobs: list[ObjectJob], workers: int) -> Iterator[dict[str, Any] | str]:
    """Each job's sidecar, or what is wrong with its object."""
    workers = min(workers, len(jobs))
    if workers <= 1:
        yield from map(_redact_one, jobs)
        return
    # Spawned, not forked: the caller may hold threads (an orchestrator does), which a fork breaks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(_redact_one, jobs)


def _redact_one(job: ObjectJob) -> dict[str, Any] | str:
    try:
        return redact_object(job)
    except ObjectError as error:
        return f"{job.landing_key}: {error}"


def _check_key(redacted: Store, base: str, token_key: bytes) -> None:
    """Refuse another token key under the same policy version: its tokens would match nothing."""
    mark = hmac.new(token_key, b"callstory token key check", hashlib.sha256).hexdigest()[:16]
    key = f"{base}/_token_key.txt"
    if not redacted.put(key, mark.encode()) and redacted.get(key).decode() != mark:
        raise RedactionError(
            "CALLSTORY_TOKEN_KEY is not the key that this policy version's objects were written "
            "with: set the old key, or raise the version in policy.yml to redact everything anew"
        )


def _write_placeholders(redacted: Store, base: str, stream: Stream) -> None:
    """Objects without rows, so that a reader's globs match before anything has landed."""
    for key, data in (
        (f"{base}/{stream.prefix}{EMPTY_DAY}/_empty.parquet", empty_table_bytes),
        (f"{base}/_objects/_empty.json", bytes),
        (f"{base}/_rejects/_empty.json", bytes),
    ):
        if not redacted.exists(key):
            redacted.put(key, data())


def _redact_rejects(landing: Store, redacted: Store, base: str, stream: Stream) -> None:
    """One line about each landing reject: where, why and how large, never what."""
    prefix = f"{stream.prefix}_rejects/"
    target = f"{base}/_rejects/{stream.prefix}"
    done = set(redacted.list(target))
    for key in landing.list(prefix):
        name = key.removeprefix(prefix)
        match = _REJECT.fullmatch(name)
        out = f"{target}{name.removesuffix('.bin')}.json"
        if match and out not in done:
            digest, size = _digest(landing, key)
            row = {
                "provider": stream.provider,
                "stream": stream.name,
                "object": key,
                "line": None,
                "reason": match["reason"],
                "bytes": size,
                "sha256": digest,
                "landed_at": _iso(match["landed_at"]),
            }
            redacted.put(out, msgspec.json.encode(row) + b"\n")


def _digest(store: Store, key: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with store.open(key) as file:
        for block in iter(partial(file.read, 1 << 20), b""):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _iso(stamp: str) -> str:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC).isoformat()


def _outcome(
    stream: Stream, version: str, sidecars: list[dict[str, Any]], skipped: int
) -> RedactOutcome:
    def total(name: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for sidecar in sidecars:
            counts.update(sidecar[name])
        return dict(sorted(counts.items()))

    return RedactOutcome(
        provider=stream.provider,
        stream=stream.name,
        policy_version=version,
        objects=tuple(sidecar["landing_object"] for sidecar in sidecars),
        skipped=skipped,
        received=sum(sidecar["received"] for sidecar in sidecars),
        rows=sum(sidecar["rows"] for sidecar in sidecars),
        rejected=sum(sidecar["rejected"] for sidecar in sidecars),
        states=total("states"),
        classes=total("classes"),
        drift=total("drift"),
        days=tuple(sorted({sidecar["dt"] for sidecar in sidecars})),
    )
