"""Control leaks: a canary in each kind of file and encoding that the search claims to see into."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import duckdb
import zstandard

from tests.canaries.plant import spoken

Leak = Callable[[Path, str, str], object]


def _text(encode: Callable[[str, str], str]) -> Leak:
    return lambda place, text, needle: (place / "log.txt").write_text(
        f"before {encode(text, needle)} after"
    )


def _duckdb_rows(place: Path, text: str, needle: str) -> None:
    del needle
    with duckdb.connect(str(place / "leak.duckdb")) as connection:
        connection.execute("create table t as select ? as v, range from range(5000)", [text])


def _duckdb_pages(place: Path, text: str, needle: str) -> None:
    """Updated away: no row shows it any more, the file's pages do."""
    del needle
    with duckdb.connect(str(place / "leak.duckdb")) as connection:
        connection.execute("create table t as select ? as v", [f"{text}{' ' * 4096}"])
        connection.execute("checkpoint")
        connection.execute("update t set v = 'gone'")


def _parquet(compression: str) -> Leak:
    def write(place: Path, text: str, needle: str) -> None:
        del needle
        duckdb.sql("select ? as v, range from range(100)", params=[text]).write_parquet(
            str(place / "leak.parquet"), compression=compression
        )

    return write


def _footer(place: Path, text: str, needle: str) -> None:
    """In the file's own metadata alone, which readers do not show."""
    del needle
    duckdb.sql("select 1 as v").write_parquet(str(place / "plain.parquet"))
    import pyarrow.parquet as pq

    table = pq.read_table(place / "plain.parquet").replace_schema_metadata({"note": text})
    pq.write_table(table, place / "leak.parquet")


def _sqlite(place: Path, text: str, needle: str) -> None:
    del needle
    with sqlite3.connect(place / "leak.db") as connection:
        connection.execute("create table event_logs (event text, body blob)")
        body = json.dumps({"event": text}).encode()
        connection.execute("insert into event_logs values ('x', ?)", [body])


def _named(place: Path, text: str, needle: str) -> None:
    del text
    (place / f"call-{needle}.html").write_text("<p>nothing</p>")


LEAKS: dict[str, Leak] = {
    "text": _text(lambda text, _: text),
    "digits with separators": _text(lambda _, needle: f"{needle[:4]}-{needle[4:9]}.{needle[9:]}"),
    "spoken": lambda place, _, needle: (place / "log.txt").write_text(
        f"{needle} is {spoken(needle)}"
    ),
    "percent encoding": _text(lambda text, _: quote(text)),
    "every character escaped": _text(lambda text, _: "".join(f"%{ord(c):02X}" for c in text)),
    "JSON escapes": _text(lambda text, _: "".join(f"\\u{ord(c):04x}" for c in text)),
    "base64": _text(lambda text, _: base64.b64encode(text.encode()).decode()),
    "base64 for URLs": _text(lambda text, _: base64.urlsafe_b64encode(text.encode()).decode()),
    "html": lambda place, text, _: (place / "page.html").write_text(f"<td>{text}</td>"),
    "gzip": lambda place, text, _: (place / "log.gz").write_bytes(gzip.compress(text.encode())),
    "zstd": lambda place, text, _: (place / "object.jsonl.zst").write_bytes(
        zstandard.ZstdCompressor().compress(text.encode())
    ),
    "parquet": _parquet("zstd"),
    "parquet uncompressed": _parquet("uncompressed"),
    "parquet footer": _footer,
    "sqlite": _sqlite,
    "duckdb rows": _duckdb_rows,
    "duckdb pages": _duckdb_pages,
    "file name": _named,
}
