"""Opens the current published snapshot read-only, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.settings import Places
from serve.zone import DATABASE, MANIFEST, Zone, open_zone

Parameter = str | list[str]


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

    def has(self, table: str) -> bool:
        """Whether the build has a table: one from before the table came may be current."""
        return table in self.manifest["tables"]

    def rows(self, query: str, *parameters: Parameter) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries of JSON values; instants end in Z (UTC)."""
        query = f"select to_json(q)::varchar from ({bound(query, *parameters)}) as q"  # noqa: S608
        rows = self.connection.execute(query).fetchall()
        return [_instants(json.loads(text)) for (text,) in rows]

    def count(self, query: str, *parameters: Parameter) -> int:
        """The first cell of the first row."""
        row = self.connection.execute(bound(query, *parameters)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


def bound(query: str, *parameters: Parameter) -> str:
    """The query with each ``?`` bound to a text or a list of texts.

    DuckDB's Python client (1.5.5) imports pandas and pyarrow to bind anything at all: 0.3 s and
    90 MB more for a look-up that takes 0.1 s. So values are bound here, as hex digits: whatever a
    value holds, no other character of it reaches the statement.
    """
    first, *rest = query.split("?")
    if len(rest) != len(parameters):
        raise ValueError("a query needs one value for each ?")
    parts = [f"{_encoded(value)}{text}" for value, text in zip(parameters, rest, strict=True)]
    return first + "".join(parts)


def _encoded(value: Parameter) -> str:
    if isinstance(value, str):
        return f"decode(unhex('{value.encode('utf-8', 'replace').hex()}'))"
    return f"[{', '.join(_encoded(item) for item in value)}]::varchar[]"


@contextmanager
def open_snapshot(places: Places) -> Iterator[Snapshot]:
    """Open the build that the pointer names now.

    Once open it stays readable: neither a later publication nor the removal of this version
    disturbs it. Between the look at the pointer and the opening, a version may be removed when few
    are kept; then the pointer has moved on, and the build that it names by now is opened.

    Raises:
        NothingPublishedError: when there is none.
    """
    zone = open_zone(places.published, places.s3_endpoint_url)
    cache = places.data_dir / "cache" / "published"
    build_id = _current(zone, places)
    try:
        manifest, connection = _open(zone, build_id, cache)
    except (OSError, duckdb.IOException, NothingPublishedError):
        now = _current(zone, places)
        if now == build_id:
            raise
        manifest, connection = _open(zone, now, cache)
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Snapshot(manifest, connection)


def _current(zone: Zone, places: Places) -> str:
    build_id = zone.current()
    if build_id is None:
        raise NothingPublishedError(
            f"nothing is published in {places.published}: run `callstory run --from DAY --to DAY`,"
            " or set CALLSTORY_PUBLISHED"
        )
    return build_id


def _open(
    zone: Zone, build_id: str, cache: Path
) -> tuple[dict[str, Any], duckdb.DuckDBPyConnection]:
    folder = zone.local_version(build_id, cache)
    manifest = json.loads((folder / MANIFEST).read_text())
    path = folder / DATABASE
    if not path.exists():
        raise NothingPublishedError(f"the published version {folder.name} has no {DATABASE}")
    return manifest, duckdb.connect(str(path), read_only=True)


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _instant(value) if key.endswith("_at") else value for key, value in row.items()}


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    date, _, time = value.removesuffix("+00").partition(" ")
    whole, _, fraction = time.partition(".")
    return f"{date}T{whole}.{fraction:0<3}Z"
