"""What must not land again: erased records, and days whose retention is over.

Providers keep what we erase, and a day is pulled more than once. Under ``_erasure/`` in the landing
zone lie a keyed digest of each erased record's key, and one mark a day that retention removed. The
digests are keyed with a secret of the zone, not with the token key: rotating that key must not
bring erased records back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import msgspec

from ingest.fields import FieldError
from ingest.records import Line
from ingest.registry import Stream
from ingest.store import Store

IsGone = Callable[[str], bool]
_SECRET = "_erasure/secret"  # noqa: S105 (an object's name)


class Refused:
    """What of one stream is refused. Reading it costs two listings where nothing ever was erased.

    Args (of ``__init__``): the landing zone, and the stream.
    """

    def __init__(self, store: Store, stream: Stream) -> None:
        self._stream = stream
        keys = store.list(f"_erasure/keys/{stream.prefix}")
        self._digests = {line for key in keys for line in store.get(key).decode().split()}
        self._secret = store.get(_SECRET) if keys else b""
        days = store.list(f"_erasure/days/{stream.prefix}")
        self._days = {key.rpartition("/")[2].removesuffix(".json") for key in days}

    def rest_of(self, item: Line, day: date) -> bytes | None:
        """What may land of a record: its bytes, fewer for a batch of which a part is erased."""
        if day.isoformat() in self._days:
            return None
        return without(self._stream, item.raw, self._is_erased) if self._digests else item.raw

    def _is_erased(self, key: str) -> bool:
        return digest(self._secret, self._stream, key) in self._digests


def digest(secret: bytes, stream: Stream, key: str) -> str:
    """The keyed digest of a record's key, 32 hex digits."""
    named = f"{stream.provider}.{stream.name}:{key}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, named, hashlib.sha256).hexdigest()[:32]


def refuse_keys(store: Store, stream: Stream, order: str, keys: Iterable[str]) -> None:
    """Let no record of these keys land any more."""
    store.put(_SECRET, secrets.token_hex(32).encode())
    secret = store.get(_SECRET)
    lines = sorted(digest(secret, stream, key) for key in keys)
    store.put(f"_erasure/keys/{stream.prefix}{order}.txt", "\n".join(lines).encode())


def refuse_day(store: Store, stream: Stream, day: str, order: str) -> None:
    """Let no record of this day (YYYY-MM-DD) land any more."""
    told = msgspec.json.encode({"order": order})
    store.put(f"_erasure/days/{stream.prefix}{day}.json", told)


def keys_of(stream: Stream, line: bytes) -> tuple[Any, list[str]]:
    """A landed line's value and the keys of its rows; none where the redaction step rejects it."""
    try:
        record = msgspec.json.decode(line)
        return record, [key for key, _ in stream.explode(record)]
    except (msgspec.DecodeError, FieldError, KeyError, TypeError, ValueError, AttributeError):
        return None, []


def without(
    stream: Stream, line: bytes, is_gone: IsGone, *, unreadable_goes: bool = False
) -> bytes | None:
    """A landed line less the rows that go: the same bytes if none does, None if all do.

    A line that the redaction step cannot read has no rows.
    """
    record, keys = keys_of(stream, line)
    if not keys:
        return None if unreadable_goes else line
    gone = [is_gone(key) for key in keys]
    if not any(gone):
        return line
    if all(gone) or stream.cut is None:
        return None
    rest = stream.cut(record, is_gone)
    return None if rest is None else msgspec.json.encode(rest)
