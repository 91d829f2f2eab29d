"""Looks for what should be gone in everything the pipeline keeps, landing included.

Files are decoded first: zstd, Parquet, every table of every DuckDB file; and their bytes are looked
at as they are, since freed pages and statistics keep old values. The audit log is not looked at: it
says who saw or erased what, and must go on saying so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingest.access.objects import SUFFIX, landed_objects, read_lines
from ingest.access.refused import keys_of
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import Store, open_store
from orchestration.erasure.order import Order
from orchestration.resources import DBT_DIR, ROOT
from serve.sql import literal, quoted

_BLOCK = 8 << 20
_TOKEN = re.compile(rb"[0-9a-z_-]{8,}")
_ROWS = 2000


@dataclass(frozen=True)
class Needles:
    """What is looked for, in small letters: few as parts of text, many as whole words.

    Of a retention there may be hundreds of thousands.
    """

    parts: tuple[bytes, ...]
    words: frozenset[bytes]

    @classmethod
    def of(cls, order: Order) -> Needles:
        """The values of an order."""
        values = [value.lower().encode("utf-8", "surrogatepass") for value in order.values]
        if order.basis == "erasure":
            return cls(tuple(values), frozenset())
        return cls((), frozenset(value for value in values if _TOKEN.fullmatch(value)))

    def are_in(self, data: bytes) -> bool:
        """Whether any of them is in the bytes."""
        low = data.lower()
        return any(part in low for part in self.parts) or bool(
            self.words and not self.words.isdisjoint(_TOKEN.findall(low))
        )


@dataclass
class Report:
    """What was looked at (places, with how many files or tables), and where something was found."""

    looked_at: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


def scan(settings: Settings, order: Order) -> Report:
    """Look everywhere; reports and logs of this installation that mention a value are removed."""
    needles, report = Needles.of(order), Report()
    _landing(settings, order, needles, report)
    for name in ("redacted", "published"):
        _store(getattr(settings, name), settings.s3_endpoint_url, name, needles, report)
    _note(report, "warehouse", settings.warehouse.name, _in_file(settings.warehouse, needles))
    for path in sorted(settings.warehouse.parent.glob(f"{settings.warehouse.name}.*")):
        _note(report, "warehouse", path.name, _in_file(path, needles))
    for folder in ("gates", "logs"):
        for path in _files(settings.data_dir / folder):
            if _note(report, folder, "", is_found=False) or _in_bytes(path, needles):
                path.unlink()
                report.removed.append(f"{folder}/{path.name}")
    home = Path(os.environ.get("DAGSTER_HOME", ROOT))
    for name, place in (
        ("Dagster", home if home != ROOT else ROOT / ".dagster"),
        ("dbt", DBT_DIR / "target"),
        ("dbt", DBT_DIR / "logs"),
    ):
        for path in _files(place):
            _note(report, name, str(path.relative_to(place)), _in_file(path, needles))
    return report


def mentions(store: Store, key: str, needles: Needles) -> bool:
    """Whether an object's bytes, as they are, mention a value."""
    with store.open(key) as file:
        before = b""
        while block := file.read(_BLOCK):
            if needles.are_in(before + block):
                return True
            before = block[-4096:]
    return False


def _note(report: Report, place: str, name: str, is_found: bool) -> bool:  # noqa: FBT001
    report.looked_at[place] = report.looked_at.get(place, 0) + 1
    if is_found:
        report.found.append(f"{place} {name}")
    return is_found


def _landing(settings: Settings, order: Order, needles: Needles, report: Report) -> None:
    """Every line: none has a key that went, and none mentions a value of what went."""
    store = open_store(settings.landing, settings.s3_endpoint_url)
    gone = set(order.keys) if order.basis == "erasure" else set()
    for stream in all_streams():
        name = f"{stream.provider}.{stream.name}"
        mine = any(key.startswith(f"{name}:") for key in gone)
        for key in landed_objects(store, stream):
            for number, line in enumerate(read_lines(store, key), start=1):
                is_gone = mine and any(f"{name}:{row}" in gone for row in keys_of(stream, line)[1])
                if is_gone or needles.are_in(line):
                    report.found.append(f"landing {key} line {number}")
            _note(report, "landing", key, is_found=False)
    for key in store.list(""):
        if not key.endswith((SUFFIX, ".pending.json")):
            _note(report, "landing", key, mentions(store, key, needles))


def _store(
    location: str, endpoint_url: str | None, name: str, needles: Needles, report: Report
) -> None:
    store = open_store(location, endpoint_url)
    for key in store.list(""):
        if location.startswith("s3://"):
            with TemporaryDirectory(prefix="callstory-scan-") as folder:
                path = Path(folder) / key.rpartition("/")[2]
                path.write_bytes(store.get(key))
                is_found = _in_file(path, needles)
        else:
            is_found = _in_file(Path(location).expanduser() / key, needles)
        _note(report, name, key, is_found)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _in_file(path: Path, needles: Needles) -> bool:
    if not path.exists():
        return False
    if _in_bytes(path, needles):
        return True
    if path.suffix == ".parquet":
        query = f"select to_json(t)::varchar from read_parquet({literal(str(path))}) as t"  # noqa: S608
        with duckdb.connect() as connection:
            return _in_rows(connection, query, needles)
    return _is_database(path) and any(_in_database(path, needles))


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _in_bytes(path: Path, needles: Needles) -> bool:
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if needles.are_in(before + block):
                return True
            before = block[-4096:]
    return False


def _in_database(path: Path, needles: Needles) -> Iterator[bool]:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(path))} as looked_at (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'looked_at' order by all"
        ).fetchall()
        for schema, table in tables:
            named = f"looked_at.{quoted(schema)}.{quoted(table)}"
            query = f"select to_json(t)::varchar from {named} as t"  # noqa: S608 - quoted
            yield _in_rows(connection, query, needles)


def _in_rows(connection: duckdb.DuckDBPyConnection, query: str, needles: Needles) -> bool:
    connection.execute(query)
    while rows := connection.fetchmany(_ROWS):
        if needles.are_in("\n".join(row for (row,) in rows).encode("utf-8", "surrogatepass")):
            return True
    return False
