"""The oracle: what one undisturbed full build makes of a landing zone.

Every stream is redacted anew and every model built whole in a fresh warehouse, so that nothing a
killed or partial run left behind can be in it but what landed and when.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import zstandard

from ingest.landing import land_stream
from ingest.redaction import redact_stream
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.assets.warehouse import dbt_environment
from orchestration.build import call_ids_dir, redacted_dir
from serve.changes import attached
from serve.tables import marts, sums, told
from tests.incremental.runner import DbtBuilds

_RECONCILED = re.compile(
    r"^reconciled: ([\d,]+) landed objects,"
    r" received ([\d,]+) = staged ([\d,]+) \+ superseded ([\d,]+) \+ rejected ([\d,]+)$",
    re.MULTILINE,
)


def undisturbed(settings: Settings, home: Path, dbt: DbtBuilds) -> dict[str, str]:
    """Content hash by published table, as the manifest of an undisturbed build would tell it."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    fresh = replace(settings, redacted=str(home / "redacted"))
    for stream in all_streams():
        redact_stream(fresh, stream, workers=1)
    return built_whole(fresh, home / "warehouse.duckdb", dbt)


def built_whole(settings: Settings, warehouse: Path, dbt: DbtBuilds) -> dict[str, str]:
    """The same of a full build from the redacted zone as it stands.

    The call IDs that ``settings.published`` keeps are taken over: an ID that was given out leads on
    whatever becomes of its call, which no landing zone can tell.
    """
    places = redacted_dir(settings), call_ids_dir(settings)
    dbt.over(*places, dbt_environment(settings), in_memory=True)
    dbt.build(warehouse=warehouse, full_refresh=True)
    with attached(warehouse) as connection:
        return {
            name: told(table, sums(connection, table.within("warehouse.marts")))["content_hash"]
            for name, table in marts(connection).items()
        }


def published_hashes(manifest: dict) -> dict[str, str]:
    """Content hash by published table."""
    return {name: table["content_hash"] for name, table in manifest["tables"].items()}


def landed_records(landing: str) -> set[tuple[str, bytes]]:
    """Every landed record: its stream and day, and the line."""
    store, decompressor = open_store(landing), zstandard.ZstdDecompressor()
    return {
        (key.rpartition("/")[0], line)
        for stream in all_streams()
        for key in store.list(stream.prefix)
        if key.endswith(".jsonl.zst")
        for line in decompressor.decompress(store.get(key)).splitlines()
    }


def landed_counts(landing: str) -> list[int]:
    """Objects and lines of a landing zone; no day of a stream holds a line twice."""
    keys = [key for key in open_store(landing).list("") if key.endswith(".jsonl.zst")]
    return [len(keys), len(landed_records(landing))]


def reconciled(said: str) -> list[int]:
    """The line that a run ends with: objects, received, staged, superseded, rejected.

    Fails unless it is there once.
    """
    (figures,) = _RECONCILED.findall(said)
    return [int(figure.replace(",", "")) for figure in figures]


def landed_at_once(settings: Settings, days: list[date], landing: Path) -> set[tuple[str, bytes]]:
    """The records that one undisturbed pull of these days lands in an empty zone.

    The providers that ``settings`` name must be up.
    """
    fresh = replace(settings, landing=str(landing))
    for stream in all_streams():
        land_stream(fresh, stream, days)
    return landed_records(str(landing))
