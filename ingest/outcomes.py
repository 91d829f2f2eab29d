"""One row per attempt to pull a day of a stream, good or not: "how long has this been failing"."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from ingest.store import Store


@dataclass
class Attempt:
    """What one pull of one day did. ``error_class`` is empty when it went well.

    ``records_seen`` counts everything received, so it is at least ``records_landed + rejected``;
    the rest had landed before, or were ``refused``: erased, or past their retention. ``bytes`` are
    the uncompressed bytes landed.
    """

    provider: str
    stream: str
    day: date
    started_at: datetime
    ok: bool = False
    error_class: str = ""
    records_seen: int = 0
    records_landed: int = 0
    rejected: int = 0
    refused: int = 0
    bytes: int = 0
    duration_ms: int = 0


def write_outcome(store: Store, attempt: Attempt, stamp: str) -> None:
    """Append the row: ``_outcomes/<provider>/<stream>/<stamp>-<random>.json``."""
    folder = f"_outcomes/{attempt.provider}/{attempt.stream}"
    store.put(f"{folder}/{stamp}-{secrets.token_hex(4)}.json", msgspec.json.encode(attempt))
