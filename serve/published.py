"""Opens the current published snapshot read-only, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from serve.places import Places
from serve.snapshot import DATABASE, MANIFEST
from serve.zone import open_zone


class NothingPublishedError(Exception):
    """There is no published build to look into."""


@dataclass(frozen=True)
class Snapshot:
    """One published build, open for reading."""

    manifest: dict[str, Any]
    connection: duckdb.DuckDBPyConnection

    @property
    def days(self) -> list[str]:
        """The published call days, as YYYY-MM-DD, ascending."""
        return [str(day) for day in self.manifest["call_days"]]

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries of JSON values; instants end in Z (UTC)."""
        result = self.connection.execute(
            f"select to_json(q)::varchar from ({query}) as q",  # noqa: S608 - the caller's constant
            list(parameters),
        )
        return [_instants(json.loads(text)) for (text,) in result.fetchall()]

    def count(self, query: str, *parameters: Any) -> int:
        """The first cell of the first row."""
        row = self.connection.execute(query, list(parameters)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


@contextmanager
def open_snapshot(places: Places) -> Iterator[Snapshot]:
    """Open the build that the pointer names now; a later publication does not disturb it.

    Raises:
        NothingPublishedError: when there is none.
    """
    zone = open_zone(places.published, places.s3_endpoint_url)
    build_id = zone.current()
    if build_id is None:
        raise NothingPublishedError(
            f"nothing is published in {places.published}: run `callstory run --from DAY --to DAY`,"
            " or set CALLSTORY_PUBLISHED"
        )
    folder = zone.local_version(build_id, places.data_dir / "cache" / "published")
    manifest = json.loads((folder / MANIFEST).read_text())
    with duckdb.connect(str(_file(folder)), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Snapshot(manifest, connection)


def _file(folder: Path) -> Path:
    path = folder / DATABASE
    if not path.exists():
        raise NothingPublishedError(f"the published version {folder.name} has no {DATABASE}")
    return path


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _instant(value) if key.endswith("_at") else value for key, value in row.items()}


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    date, _, time = value.removesuffix("+00").partition(" ")
    whole, _, fraction = time.partition(".")
    return f"{date}T{whole}.{fraction:0<3}Z"
