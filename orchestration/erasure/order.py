"""An order of erasure: all that a killed one needs to be run again, kept in the landing zone.

``_erasure/orders/<id>.pending.json`` holds record keys in clear until the order is carried out;
``<id>.json`` is what stays: who, why, when and how many.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Literal

import msgspec

from ingest.access.audit import who
from ingest.store import Store

_FOLDER = "_erasure/orders/"
_PENDING = ".pending.json"


class ErasureRefused(Exception):  # noqa: N818 - a refusal is an answer, not an accident
    """Nothing was erased; the message says why and what to do."""


class ErasureIncomplete(Exception):  # noqa: N818 - named for what happened
    """Not everything went; the order is kept, and ``callstory erase --resume`` goes on with it."""


class Anchor(msgspec.Struct, frozen=True):
    """A published call ID that stood for a record that goes, and the record to stand for now."""

    call_id: str
    record_id: str
    survivor: str | None


class ErasedCall(msgspec.Struct, frozen=True):
    """A call ID that leads to nothing afterwards; ``call_date`` where it is a call's own."""

    call_id: str
    call_date: str | None


class Order(msgspec.Struct, frozen=True):
    """What goes. Keys are ``<provider>.<stream>:<record key>``.

    ``objects`` are the landing objects to go through. Under ``erasure`` the records of ``keys`` go,
    under ``retention`` all but those of ``keys``, and ``days`` (``<provider>.<stream>`` and day)
    are closed. ``values`` are what must be found nowhere afterwards, apart from records that stay.
    """

    order_id: str
    basis: Literal["erasure", "retention"]
    reason: str
    ordered_by: str
    ordered_at: datetime
    objects: list[str]
    keys: list[str]
    record_ids: list[str]
    calls: list[ErasedCall]
    anchors: list[Anchor]
    values: list[str]
    rejects: list[str] = []
    days: list[tuple[str, str]] = []


class Done(msgspec.Struct, frozen=True):
    """What stays of an order that was carried out: counts, no key and no value."""

    order_id: str
    basis: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    done_at: datetime
    calls: int
    lines_gone: int
    lines_cut: int
    rejects_gone: int


def new_order_id(now: datetime) -> str:
    """A name for an order."""
    return f"order-{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def signed() -> str:
    """Who orders it: the user of the system and the host."""
    return who()


def keep_pending(landing: Store, order: Order) -> None:
    """Write the order down before anything goes."""
    landing.put(f"{_FOLDER}{order.order_id}{_PENDING}", msgspec.json.encode(order))


def pending_orders(landing: Store) -> list[Order]:
    """Orders that were begun and not finished, oldest first."""
    keys = [key for key in landing.list(_FOLDER) if key.endswith(_PENDING)]
    return [msgspec.json.decode(landing.get(key), type=Order) for key in keys]


def close_order(landing: Store, done: Done) -> None:
    """Keep the counts and forget the keys."""
    landing.put(f"{_FOLDER}{done.order_id}.json", msgspec.json.encode(done))
    landing.delete(f"{_FOLDER}{done.order_id}{_PENDING}")
