"""The streams: what each provider offers, and how to read a record's key and day.

A stream is declared in ``ingest/providers/<provider>.py``; this module only finds them, so a new
provider is a new file. How records are fetched is the provider's ``pull``; where they land is
``ingest.landing``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from ingest.fields import Record
from ingest.records import Item, Limits
from ingest.settings import Settings


@dataclass(frozen=True)
class PullContext:
    """What a ``pull`` may use: the settings, the limits on records, and the HTTP back-off.

    ``backoff_s`` is the first wait in seconds before an HTTP retry; it doubles each time.
    """

    settings: Settings
    limits: Limits = field(default_factory=Limits)
    backoff_s: float = 1.0


Exploded = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Stream:
    """One kind of record of one provider.

    ``key`` and ``day`` take the decoded landed record and raise ``FieldError`` if it has none;
    ``day`` is the provider's own date of the record, in UTC. ``explode`` gives the rows of a record
    in the redacted zone, as (key, record): one row, except where a record is a batch. ``pull`` asks
    the provider for the records of one day. ``cut`` gives a batch without the rows whose keys a
    function names, None when no row is left: what erasure needs where ``batch`` is given.
    """

    provider: str
    name: str
    kind: Literal["http", "drop"]
    key: Callable[[Record], str]
    day: Callable[[Record], date]
    pull: Callable[[PullContext, date], Iterator[Item]]
    batch: Callable[[dict[str, Any]], Exploded] | None = None
    cut: Callable[[dict[str, Any], Callable[[str], bool]], dict[str, Any] | None] | None = None

    def explode(self, record: dict[str, Any]) -> Exploded:
        """The record's rows, as (row key, row)."""
        return [(self.key(record), record)] if self.batch is None else self.batch(record)

    @property
    def prefix(self) -> str:
        """Where the stream's objects lie in a zone: ``<provider>/<stream>/``."""
        return f"{self.provider}/{self.name}/"


@cache
def all_streams() -> tuple[Stream, ...]:
    """Every stream of every provider module, ordered by provider and name."""
    package = importlib.import_module("ingest.providers")
    found: list[Stream] = []
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            found += importlib.import_module(f"ingest.providers.{module.name}").STREAMS
    return tuple(sorted(found, key=lambda stream: (stream.provider, stream.name)))


def get_stream(provider: str, name: str) -> Stream:
    """One stream by its two names.

    Raises:
        KeyError: there is no such stream.
    """
    for stream in all_streams():
        if (stream.provider, stream.name) == (provider, name):
            return stream
    raise KeyError(f"{provider}.{name}")
