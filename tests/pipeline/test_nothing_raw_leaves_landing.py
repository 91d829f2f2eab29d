"""Promise 4: no planted secret stands outside the landing zone (S0-65, S0-87, S0-93, S0-145)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")


def database_text(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every table of a DuckDB file as JSON lines."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(
                f'select to_json(t)::varchar from "{schema}"."{table}" as t'
            ).fetchall()
            yield f"{path.name}:{schema}.{table}", "\n".join(row for (row,) in rows).encode()


def parquet_text(path: Path) -> bytes:
    rows = duckdb.execute("select to_json(t)::varchar from read_parquet(?) as t", [str(path)])
    return "\n".join(row for (row,) in rows.fetchall()).encode()


def everything_outside_landing(home: Path) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of all that the run left behind but landing and the estate itself."""
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home).parts
        if not path.is_file() or inside[0] == "estate" or inside[:2] == ("data", "landing"):
            continue
        raw = path.read_bytes()
        yield str(path.relative_to(home)), gzip.decompress(raw) if path.suffix == ".gz" else raw
        if path.suffix == ".duckdb":
            yield from database_text(path)
        elif path.suffix == ".parquet":
            yield str(path.relative_to(home)) + " (rows)", parquet_text(path)


def secrets(run: PipelineRun) -> list[bytes]:
    values = {str(secret["value"]) for secret in run.truth("secrets")}
    return sorted(value.encode() for value in values if len(value) >= 5)


def test_no_planted_secret_stands_outside_landing(faulty_run: PipelineRun) -> None:
    planted = secrets(faulty_run)
    assert len(planted) > 100
    found = {
        (where, secret)
        for where, text in everything_outside_landing(faulty_run.home)
        for secret in planted
        if secret in text
    }
    assert {where for where, _ in found} == set()


def test_the_search_finds_what_is_there(faulty_run: PipelineRun, tmp_path: Path) -> None:
    """The control: one secret in a published table is found, in the file and in the rows."""
    secret = secrets(faulty_run)[0].decode()
    with duckdb.connect(str(tmp_path / "leak.duckdb")) as connection:
        connection.execute("create table leak as select ? as text", [secret])
        connection.execute(f"copy leak to '{tmp_path}/leak.parquet'")
    hits = {
        where for where, text in everything_outside_landing(tmp_path) if secret.encode() in text
    }
    assert {"leak.duckdb:main.leak", "leak.parquet (rows)"} <= hits
