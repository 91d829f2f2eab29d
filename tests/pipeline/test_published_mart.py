"""What readers open: the marts, every one of them and every column explained."""

from __future__ import annotations

import duckdb
import pytest

from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")

MARTS = {
    "call_alias",
    "call_completeness",
    "call_erasure",
    "call_event",
    "call_link",
    "call_record",
    "call_redirect",
    "call_turn",
    "gate_exception",
    "identity_conflict",
    "match_calibration",
    "match_quality",
}


@pytest.fixture
def published(clean_run: PipelineRun) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(clean_run.published), read_only=True)


def test_the_snapshot_holds_the_marts_and_nothing_else(
    published: duckdb.DuckDBPyConnection,
) -> None:
    rows = published.execute("select table_name from duckdb_tables()").fetchall()
    assert {name for (name,) in rows} == MARTS


def test_every_table_and_column_is_explained(published: duckdb.DuckDBPyConnection) -> None:
    bare = published.execute(
        "select table_name from duckdb_tables() where comment is null"
        " union all select table_name || '.' || column_name from duckdb_columns()"
        " where comment is null and not internal"
    ).fetchall()
    assert bare == []


def test_parquet_and_duckdb_are_one_build(
    clean_run: PipelineRun, published: duckdb.DuckDBPyConnection
) -> None:
    folder = clean_run.published.parent / "parquet"
    assert {path.name for path in folder.iterdir()} == MARTS
    for table in MARTS:
        files = str(folder / table / "**" / "*.parquet")
        parquet = duckdb.execute("select count(*) from read_parquet(?)", [files]).fetchone()
        assert parquet == published.execute(f"select count(*) from {table}").fetchone()
