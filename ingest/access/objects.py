"""Reading and rewriting landing objects: the only place where one is ever replaced.

An object without its erased lines is another object: same landing instant, since call IDs hang on
it, and another content hash in its name. A tombstone says how many lines went, under which order,
and never what they held. Write, tombstone, delete, in this order: a killed erasure is run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import zstandard

from ingest.access.refused import IsGone, without
from ingest.landing import packed
from ingest.registry import Stream
from ingest.settings import Settings
from ingest.store import Store, StoreError, open_store

SUFFIX = ".jsonl.zst"


class CorruptError(StoreError):
    """A landing object that is not what its name says."""


@dataclass(frozen=True)
class Zones:
    """The landing and the redacted zone; ``policies`` are the latter's folders, one a version."""

    landing: Store
    redacted: Store
    policies: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> Zones:
        """Open both; the redacted zone is listed once."""
        landing = open_store(settings.landing, settings.s3_endpoint_url)
        redacted = open_store(settings.redacted, settings.s3_endpoint_url)
        folders = {key.partition("/")[0] for key in redacted.list("policy=")}
        return cls(landing, redacted, tuple(sorted(folders)))


@dataclass(frozen=True)
class Tombstone:
    """What stands where lines were: counts and the order, no value."""

    landing_object: str
    replaced_by: str | None
    lines_before: int
    lines_gone: int
    lines_cut: int
    order: str


def landed_objects(store: Store, stream: Stream) -> list[str]:
    """Keys of the stream's landing objects, oldest day first."""
    return [key for key in store.list(f"{stream.prefix}dt=") if key.endswith(SUFFIX)]


def read_lines(store: Store, key: str) -> list[bytes]:
    """The object's lines, verified against the hash in its name.

    Raises:
        CorruptError: its content is not what its name says.
        StoreError: it is not there.
    """
    data = store.get(key)
    try:
        # The format allows several frames; landing writes one.
        plain = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    except zstandard.ZstdError:
        raise CorruptError(f"the landing object {key} does not decompress") from None
    named = key.removesuffix(SUFFIX).rpartition("-")[2]
    if hashlib.sha256(plain).hexdigest()[:16] != named:
        raise CorruptError(f"the landing object {key} is not what its name says (SHA-256)")
    return plain.removesuffix(b"\n").split(b"\n") if plain else []


def rewrite(
    zones: Zones,
    stream: Stream,
    key: str,
    is_gone: IsGone,
    order: str,
    *,
    unreadable_goes: bool = False,
) -> Tombstone | None:
    """Replace a landing object by one without the rows that go, and remove what came of it.

    Returns:
        None when nothing in it goes.
    """
    lines = read_lines(zones.landing, key)
    rest = [without(stream, line, is_gone, unreadable_goes=unreadable_goes) for line in lines]
    kept = [line for line in rest if line is not None]
    if kept == lines:
        return None
    name = None
    if kept:
        content, data = packed(kept)
        name = f"{key.removesuffix(SUFFIX).rpartition('-')[0]}-{content}{SUFFIX}"
        zones.landing.put(name, data)
    cut = sum(new is not None and new != old for old, new in zip(lines, rest, strict=True))
    told = Tombstone(key, name, len(lines), len(lines) - len(kept), cut, order)
    zones.landing.put(_tombstone(key), msgspec.json.encode(told))
    remove_redacted(zones, stream, key)
    zones.landing.delete(key)
    return told


def tombstones(store: Store, order: str | None = None) -> Iterator[Tombstone]:
    """Every tombstone of the landing zone, or those of one order."""
    for key in store.list("_erasure/tombstones/"):
        told = msgspec.json.decode(store.get(key), type=Tombstone)
        if order in {None, told.order}:
            yield told


def remove_redacted(zones: Zones, stream: Stream, key: str) -> None:
    """Remove what the redaction step made of a landing object, under every policy version."""
    store = zones.redacted
    day, _, name = key.removeprefix(stream.prefix).partition("/")
    stem = name.removesuffix(SUFFIX)
    for base in zones.policies:
        for note in store.list(f"{base}/_rejects/{stream.prefix}{stem}__"):
            store.delete(note)
        store.delete(f"{base}/{stream.prefix}{day}/{stem}.parquet")
        store.delete(f"{base}/_objects/{stream.prefix}{day}__{stem}.json")


def remove_reject(zones: Zones, stream: Stream, key: str) -> None:
    """Remove a landing reject whole, and the notes that the redaction step made of it."""
    name = key.rpartition("/")[2].removesuffix(".bin")
    for base in zones.policies:
        zones.redacted.delete(f"{base}/_rejects/{stream.prefix}{name}.json")
    zones.landing.delete(key)


def _tombstone(key: str) -> str:
    return f"_erasure/tombstones/{key.removesuffix(SUFFIX)}.json"
