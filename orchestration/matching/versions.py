"""Where calibrations are kept: a folder a version in the published zone; and which is pinned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingest.settings import Settings
from ingest.store import open_store

FOLDER = "matching"
PINNED = f"{FOLDER}/pinned.txt"
TABLES = ("clock", "day", "weight", "confidence", "quality", "decile")
NONE = "none"
"""The version without rows: nothing is calibrated, so nothing is linked."""

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


class CalibrationError(Exception):
    """There is no such calibration, or none can be made; the message says why."""


def write_tables(folder: Path, tables: Rows) -> None:
    """Write a calibration's tables as dbt reads them: ``<table>.jsonl``, one object a line."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        (folder / f"{name}.jsonl").write_bytes(_lines(tables.get(name, ())))


def keep(settings: Settings, tables: Rows) -> str:
    """Keep a calibration; its version is the digest of its tables, so the same one is kept once."""
    files = {name: _lines(tables.get(name, ())) for name in TABLES}
    digest = hashlib.sha256()
    for name, text in files.items():
        digest.update(name.encode() + b"\0" + text + b"\0")
    version = digest.hexdigest()[:12]
    store = open_store(settings.published, settings.s3_endpoint_url)
    for name, text in files.items():
        store.put(f"{FOLDER}/{version}/{name}.jsonl", text)
    return version


def pinned(settings: Settings) -> str:
    """The version that the next build goes by; ``none`` before the first."""
    store = open_store(settings.published, settings.s3_endpoint_url)
    if PINNED not in set(store.list(f"{FOLDER}/")):
        return NONE
    return store.get(PINNED).decode().strip() or NONE


def pin(settings: Settings, version: str) -> None:
    """Let the next build go by this version; it makes every table anew.

    Raises:
        CalibrationError: when no such calibration is kept.
    """
    if version != NONE and version not in versions(settings):
        known = ", ".join(versions(settings)) or "none yet"
        raise CalibrationError(f"no calibration {version!r} is kept; there are: {known}")
    store = open_store(settings.published, settings.s3_endpoint_url)
    store.replace(PINNED, version.encode())


def versions(settings: Settings) -> list[str]:
    """The versions that are kept."""
    store = open_store(settings.published, settings.s3_endpoint_url)
    return sorted({key.split("/")[1] for key in store.list(f"{FOLDER}/") if key.count("/") == 2})


def pinned_dir(settings: Settings) -> Path:
    """The folder of the pinned version's tables, mirrored first where the zone is on S3."""
    version = pinned(settings)
    if version == NONE:
        folder = settings.data_dir / FOLDER / NONE
        write_tables(folder, {})
        return folder.resolve()
    prefix = f"{FOLDER}/{version}"
    if settings.published.startswith("s3://"):
        cache = settings.data_dir / "cache" / FOLDER
        open_store(settings.published, settings.s3_endpoint_url).mirror(prefix, cache)
        return (cache / prefix).resolve()
    return (Path(settings.published).expanduser() / prefix).resolve()


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows).encode()
