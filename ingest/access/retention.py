"""Retention classes: how long the records of each stream are kept (``retention.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from ingest.access.objects import landed_objects
from ingest.registry import Stream, all_streams
from ingest.store import Store

FILE = Path(__file__).with_name("retention.yml")


class RetentionError(Exception):
    """The file of retention classes is wrong; the message says where."""


@dataclass(frozen=True)
class RetentionClass:
    """How long, and on what ground."""

    name: str
    days: int
    basis: str


@dataclass(frozen=True)
class Retention:
    """The classes by stream (``<provider>.<stream>``), and the version of the file."""

    version: int
    classes: Mapping[str, RetentionClass]

    def of(self, stream: Stream) -> RetentionClass:
        """The stream's class."""
        return self.classes[f"{stream.provider}.{stream.name}"]

    def is_over(self, stream: Stream, day: date, today: date) -> bool:
        """Whether a record of ``day`` may not be kept any more on ``today`` (UTC)."""
        return day + timedelta(days=self.of(stream).days) < today


def read_retention(path: Path = FILE) -> Retention:
    """Read and check the file.

    Raises:
        RetentionError: a stream has no class, or a class is not there or has no sense.
    """
    told = yaml.safe_load(path.read_text())
    try:
        classes = {name: _class(name, body) for name, body in told["classes"].items()}
        streams = {str(name): classes[str(of)] for name, of in told["streams"].items()}
        version = int(told["version"])
        history = [int(entry["version"]) for entry in told["history"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RetentionError(f"{path.name} is wrong at {error}") from None
    missing = {f"{s.provider}.{s.name}" for s in all_streams()} - set(streams)
    if missing:
        raise RetentionError(f"{path.name} gives no class to {', '.join(sorted(missing))}")
    if version not in history:
        raise RetentionError(f"{path.name}: history does not tell of version {version}")
    return Retention(version, streams)


def expired_objects(
    landing: Store, retention: Retention, today: date
) -> list[tuple[Stream, str, str]]:
    """(stream, day, key) of every landing object whose records are past their retention."""
    found = []
    for stream in all_streams():
        for key in landed_objects(landing, stream):
            day = key.removeprefix(f"{stream.prefix}dt=").partition("/")[0]
            if retention.is_over(stream, date.fromisoformat(day), today):
                found.append((stream, day, key))
    return found


def expired_rejects(landing: Store, retention: Retention, today: date) -> list[tuple[Stream, str]]:
    """(stream, key) of rejects past their retention: they have no day but that of landing."""
    found = []
    for stream in all_streams():
        for key in landing.list(f"{stream.prefix}_rejects/"):
            stamp = key.rpartition("/")[2][:8]
            if retention.is_over(stream, date.fromisoformat(stamp), today):
                found.append((stream, key))
    return found


def _class(name: str, body: dict[str, Any]) -> RetentionClass:
    days = body["days"]
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise ValueError(f"classes.{name}.days")
    return RetentionClass(str(name), days, str(body["basis"]))
