"""Legal holds: what neither retention nor erasure may touch until the hold is released.

``_holds/<id>.json`` in the landing zone, write-once; a release is a second object beside it, so
that both stay on record. A caller is held by token, never by number.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from ingest.access.audit import who
from ingest.registry import Stream
from ingest.store import Store, StoreError

Days = tuple[date | None, date | None]
Kind = Literal["call", "caller", "stream"]


@dataclass(frozen=True)
class Hold:
    """One hold. ``value`` is a call ID, a caller token, or ``<provider>.<stream>``.

    ``first`` and ``last`` bound a stream's days, both included.
    """

    hold_id: str
    kind: Kind
    value: str
    reason: str
    placed_by: str
    placed_at: datetime
    first: date | None = None
    last: date | None = None

    def holds_day(self, stream: Stream, day: date) -> bool:
        """Whether all that the stream has of a day is held."""
        return (
            self.kind == "stream"
            and self.value == f"{stream.provider}.{stream.name}"
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True)
class Release:
    """The end of a hold."""

    hold_id: str
    reason: str
    released_by: str
    released_at: datetime


def place_hold(
    store: Store, kind: Kind, value: str, reason: str, days: Days = (None, None)
) -> Hold:
    """Keep a hold on record; it holds from now on. ``days`` are a stream's, both included."""
    hold_id = f"hold-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    hold = Hold(hold_id, kind, value, reason, who(), datetime.now(UTC), *days)
    store.put(f"_holds/{hold_id}.json", msgspec.json.encode(hold))
    return hold


def release_hold(store: Store, hold_id: str, reason: str) -> None:
    """End a hold.

    Raises:
        StoreError: there is no such hold, or it was released before.
    """
    if hold_id not in {hold.hold_id for hold in active_holds(store)}:
        raise StoreError(f"no hold {hold_id} is in force")
    release = Release(hold_id, reason, who(), datetime.now(UTC))
    store.put(f"_holds/{hold_id}.released.json", msgspec.json.encode(release))


def active_holds(store: Store) -> list[Hold]:
    """Every hold in force, oldest first."""
    keys = store.list("_holds/")
    released = {key.removesuffix(".released.json") for key in keys if ".released." in key}
    return [
        msgspec.json.decode(store.get(key), type=Hold)
        for key in keys
        if ".released." not in key and key.removesuffix(".json") not in released
    ]
