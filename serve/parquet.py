"""The Parquet files of a version: a folder a table, by call date where it has one.

Files of days that did not change are hard links to the version before: they cost nothing, and a
version that is removed takes away its own name of them only.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import duckdb

from serve.carry import Change, Days, on_days
from serve.sql import literal
from serve.tables import Table

_PARTITION = "call_date="
_NO_DAY = "__HIVE_DEFAULT_PARTITION__"  # DuckDB's and Hive's name for null
_FILE = "data_0.parquet"
_OPTIONS = "format parquet, compression zstd"


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    change: Change,
    folder: Path,
    before: Path | None,
) -> set[Path]:
    """Write one table of the attached ``snapshot`` and return the files that are links.

    Args:
        connection: where ``snapshot`` is attached.
        table: the table.
        change: what changed of it since the version before.
        folder: the version's folder of Parquet files.
        before: the same folder of the version before, None to write every file.
    """
    target = folder / table.name
    target.mkdir(parents=True)
    source = table.within("snapshot.main")
    if before is not None and change.is_same:
        return _link(before / table.name, target, frozenset())
    if "call_date" not in table.names or not change.content.rows:
        _copy(connection, source, target / _FILE, _OPTIONS)
        return set()
    links: set[Path] = set()
    if before is not None and change.days is not None:
        links = _link(before / table.name, target, change.days)
        source = f"(from {source} where {on_days(change.days)} order by {table.order})"
    options = f"{_OPTIONS}, partition_by (call_date), write_partition_columns true"
    _copy(connection, source, target, f"{options}, overwrite_or_ignore")
    return links


def days_written(folder: Path) -> list[str]:
    """The call dates (YYYY-MM-DD, ascending) that a table's folder has files of."""
    names = (path.name.removeprefix(_PARTITION) for path in folder.glob(f"{_PARTITION}*"))
    return sorted(name for name in names if name != _NO_DAY)


def _copy(connection: duckdb.DuckDBPyConnection, source: str, path: Path, options: str) -> None:
    connection.execute("set threads = 1")  # one file a partition, rows in the table's order
    connection.execute(f"copy {source} to {literal(str(path))} ({options})")
    connection.execute("reset threads")


def _link(source: Path, target: Path, but: Days) -> set[Path]:
    """Link a table's files but those of some days.

    A file beside the partitions is of a time when the table had no row: it stays behind when days
    change.
    """
    gone = {f"{_PARTITION}{day or _NO_DAY}" for day in but}
    links = set()
    for path in sorted(source.rglob("*.parquet")):
        place = path.relative_to(source)
        if place.parts[0] in gone or (but and len(place.parts) == 1):
            continue
        link = target / place
        link.parent.mkdir(exist_ok=True)
        if _linked(path, link):
            links.add(link)
    return links


def _linked(path: Path, link: Path) -> bool:
    """Link a file, or copy it where the file system has no links (or no more of them)."""
    try:
        os.link(path, link)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP}:
            raise
        shutil.copyfile(path, link)
        return False
    return True
