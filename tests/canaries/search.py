"""Searches everything that a run left behind, decoded first, for what was planted."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow.parquet as pq
import zstandard

from tests.canaries.plant import DIGIT_WORDS

_TOKEN = re.compile(r"zq[a-z]{6}qz")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \-.,/()]{1,3}(?=\d)")
_NUMBER = re.compile(r"(?=(41904\d{11}))|(?=(1904\d{7}))")
_DIGIT_WORD = "(?:" + "|".join(DIGIT_WORDS) + ")"
_SPOKEN = re.compile(rf"\b{_DIGIT_WORD}(?: {_DIGIT_WORD}){{5,}}\b")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_PARQUET, _ZSTD, _GZIP = b"PAR1", b"\x28\xb5\x2f\xfd", b"\x1f\x8b"


def found_in(data: bytes, planted: frozenset[str]) -> set[str]:
    """The needles that stand in some bytes, as they are or in a form that is easily undone."""
    text = data.decode("utf-8", "replace")
    found = _needles(text, planted)
    if "%" in text:
        found |= _needles(unquote(text), planted)
    if "\\u" in text:
        found |= _needles(_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text), planted)
    for run in set(_BASE64.findall(text)):
        inner = _decoded(run)
        if inner:
            found |= _needles(inner, planted)
    return found


def _needles(text: str, planted: frozenset[str]) -> set[str]:
    low = text.lower()
    found = set(_TOKEN.findall(low)) & planted
    digits = _BETWEEN_DIGITS.sub("", low)
    found |= {a or b for a, b in _NUMBER.findall(digits)} & planted
    for run in _SPOKEN.findall(low):
        found |= {needle for needle in planted if needle in run and " " in needle}
    return found


def _decoded(run: str) -> str:
    try:
        padded = run.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def everything(home: Path, but: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of all files under ``home``, their names, and what is packed in them."""
    spared = tuple(but)
    for path in sorted(home.rglob("*")):
        if any(path.is_relative_to(place) for place in spared):
            continue
        where = str(path.relative_to(home))
        yield f"{where} (name)", where.encode()
        if path.is_file() and not path.is_symlink():
            yield from unpacked(where, path)


def unpacked(where: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and its contents where they are compressed, columnar or a database."""
    raw = path.read_bytes()
    yield where, raw
    if raw.startswith(_GZIP):
        yield f"{where} (gzip)", gzip.decompress(raw)
    elif raw.startswith(_ZSTD):
        yield f"{where} (zstd)", zstandard.ZstdDecompressor().stream_reader(raw).read()
    elif raw.startswith(_PARQUET):
        yield from _parquet(where, raw)
    elif raw.startswith(b"SQLite format 3\0"):
        yield from _sqlite(where, path)
    elif raw[8:12] == b"DUCK":
        yield from _duckdb(where, path)


def _parquet(where: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    file = pq.ParquetFile(io.BytesIO(raw))
    for batch in file.iter_batches():
        yield f"{where} (values)", "\n".join(map(str, batch.to_pylist())).encode()
    groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
    chunks = [group.column(n) for group in groups for n in range(group.num_columns)]
    told = [str(chunk.statistics.to_dict()) for chunk in chunks if chunk.statistics]
    yield f"{where} (footer)", "\n".join([*told, str(file.metadata.metadata)]).encode()


def _sqlite(where: str, path: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            rows = connection.execute(f'select * from "{name}"').fetchall()
            cells = (cell for row in rows for cell in row)
            text = b"\n".join(c if isinstance(c, bytes) else str(c).encode() for c in cells)
            yield f"{where} ({name})", text


def _duckdb(where: str, path: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(
                f'select to_json(t)::varchar from "{schema}"."{table}" as t'
            ).fetchall()
            yield f"{where} ({schema}.{table})", "\n".join(row for (row,) in rows).encode()


def search(home: Path, but: Iterable[Path], planted: frozenset[str]) -> dict[str, set[str]]:
    """Needle -> where it stands."""
    hits: dict[str, set[str]] = {}
    for where, data in everything(home, but):
        for needle in found_in(data, planted):
            hits.setdefault(needle, set()).add(where)
    return hits
