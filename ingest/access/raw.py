"""One raw record, for deep investigation: found by its key, verified, and nothing else loaded.

Where the warehouse knows the record it says in which object and line it lies, and that object alone
is read. Without a warehouse the stream's objects are gone through.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec

from ingest.access.objects import landed_objects, read_lines
from ingest.access.refused import keys_of
from ingest.registry import Stream, get_stream
from ingest.store import Store

_RECEIVED = """
select landing_object, landing_line from staging.stg_landing__received
where provider = ? and stream = ? and record_key = ? order by landing_object desc, landing_line desc
"""
_TOLD_APART = 17  # a colon and 16 hex digits that tell two records of one key apart


class NoRecordError(Exception):
    """No landed record has this key, or the name is no record's."""


@dataclass(frozen=True)
class RawRecord:
    """A landed record. ``body`` is the verbatim line, or one row of a batch as it was parsed."""

    stream: Stream
    key: str
    landing_object: str
    line: int
    body: bytes
    is_verbatim: bool
    versions: int


def parse_record(name: str) -> tuple[Stream, str]:
    """A stream and a key from ``<provider>.<stream>:<key>`` or ``<provider>/<stream>/<key>``.

    Raises:
        NoRecordError: it names no stream.
    """
    for between, before_key in ((".", ":"), ("/", "/")):
        provider, _, rest = name.partition(between)
        stream, _, key = rest.partition(before_key)
        if key:
            try:
                return get_stream(provider, stream), key
            except KeyError:
                continue
    raise NoRecordError(
        "a record is named <provider>.<stream>:<key> (as record_id has it)"
        " or <provider>/<stream>/<key>"
    )


def find_raw(store: Store, warehouse: Path, name: str, version: int = 1) -> RawRecord:
    """Load one version of a record; 1 is the one that landed last, 2 the one before it.

    Args:
        store: the landing zone.
        warehouse: the warehouse file, which need not be there.
        name: the record, see ``parse_record``.
        version: which of its versions.

    Raises:
        NoRecordError: there is none.
        StoreError: the object is gone, or is not what its name says.
    """
    stream, key = parse_record(name)
    for spelled in dict.fromkeys((key, key[:-_TOLD_APART])):
        places = _known(warehouse, stream, spelled)
        if places is None:
            places = _searched(store, stream, spelled)
        if len(places) >= version > 0:
            return _loaded(store, stream, spelled, places, version)
        if places:
            raise NoRecordError(f"the record has {len(places)} versions")
    raise NoRecordError(f"no landed record of {stream.provider}.{stream.name} has this key")


def _known(warehouse: Path, stream: Stream, key: str) -> list[tuple[str, int]] | None:
    """Where the warehouse has the record, newest first; None where it cannot tell."""
    if not warehouse.exists():
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            rows = connection.execute(_RECEIVED, [stream.provider, stream.name, key]).fetchall()
    except duckdb.Error:
        return None
    return list(dict.fromkeys((str(name), int(line)) for name, line in rows)) or None


def _searched(store: Store, stream: Stream, key: str) -> list[tuple[str, int]]:
    found = [
        (name, number)
        for name in landed_objects(store, stream)
        for number, line in enumerate(read_lines(store, name), start=1)
        if key in keys_of(stream, line)[1]
    ]
    return sorted(found, key=lambda place: (place[0].rpartition("/")[2], place[1]), reverse=True)


def _loaded(
    store: Store, stream: Stream, key: str, places: list[tuple[str, int]], version: int
) -> RawRecord:
    ordered = sorted(places, key=lambda p: (p[0].rpartition("/")[2], p[1]), reverse=True)
    name, number = ordered[version - 1]
    lines = read_lines(store, name)
    line = lines[number - 1] if number <= len(lines) else b""
    if key not in keys_of(stream, line)[1]:
        raise NoRecordError(f"line {number} of {name} is another record: run the days again")
    body = line
    if stream.batch is not None:
        rows = dict(stream.batch(msgspec.json.decode(line)))
        body = msgspec.json.encode(rows[key])
    return RawRecord(stream, key, name, number, body, stream.batch is None, len(places))
