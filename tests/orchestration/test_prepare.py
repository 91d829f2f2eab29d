"""A full refresh knows which record was in which call before, whatever a killed run left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from orchestration.build import prepare
from orchestration.resources import wait_until_free

pytestmark = pytest.mark.xdist_group("orchestration")

KILLED = """
import os, signal, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute(sys.argv[2])
os.kill(os.getpid(), signal.SIGKILL)
"""


def build_and_be_killed(warehouse: Path, *calls: tuple[str, str]) -> None:
    """Write which record is in which call, as the models do, and die: it stands in DuckDB's log."""
    rows = ", ".join(f"('{record}', '{call}', false)" for record, call in calls)
    sql = (
        "create schema if not exists identity; create or replace table"
        f" identity.int_identity__record_call as select * from (values {rows})"
        " as t (record_id, canonical_call_id, is_associating_record)"
    )
    subprocess.run([sys.executable, "-c", KILLED, str(warehouse), sql], check=False)
    assert Path(f"{warehouse}.wal").exists()


def kept(warehouse: Path) -> set[tuple[str, str]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select record_id, canonical_call_id from meta.scope_pending where is_before"
        ).fetchall()
    return set(rows)


def test_calls_that_a_killed_run_wrote_last_are_kept(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    build_and_be_killed(warehouse, ("r1", "A"), ("r2", "A"))
    assert prepare(warehouse, "context") is False
    assert kept(warehouse) == {("r1", "A"), ("r2", "A")}


def test_a_killed_full_refresh_does_not_hide_the_calls_before_it(tmp_path: Path) -> None:
    """New code splits call A; that run is killed; its successor still knows what A was."""
    warehouse = tmp_path / "warehouse.duckdb"
    build_and_be_killed(warehouse, ("r1", "A"), ("r2", "A"))
    prepare(warehouse, "other code")
    build_and_be_killed(warehouse, ("r1", "A"), ("r2", "B"), ("r3", "C"))
    prepare(warehouse, "other code")
    assert kept(warehouse) == {("r1", "A"), ("r2", "A"), ("r3", "C")}


def test_a_full_refresh_that_was_killed_at_once_is_begun_again(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    build_and_be_killed(warehouse, ("r1", "A"))
    for _ in range(3):
        assert prepare(warehouse, "context") is False
        assert kept(warehouse) == {("r1", "A")}


HOLD = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def held_elsewhere(warehouse: Path, seconds: float) -> Iterator[None]:
    """The file is open in another process for that long, or until the block ends."""
    command = [sys.executable, "-c", HOLD, str(warehouse), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def test_a_run_waits_for_the_dbt_that_a_killed_run_left_behind(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    said: list[str] = []
    with held_elsewhere(warehouse, 2):
        wait_until_free(warehouse, said.append)
    assert len(said) == 1
    assert "another process" in said[0]
    with held_elsewhere(warehouse, 60), pytest.raises(duckdb.IOException, match="lock"):
        wait_until_free(warehouse, wait_s=0)
