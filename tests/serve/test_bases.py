"""Which version the next one may go on from, and what must make it start afresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from serve.changes import changes_since
from serve.publish import rollback
from serve.zone import LocalZone
from tests.serve.changing_warehouse import (
    build,
    change,
    keep_log,
    known_calls,
    remove,
)
from tests.serve.fixture_warehouse import BUILD, DAYS, execute
from tests.serve.versions import assert_as_whole, put, rows_of


@pytest.fixture
def warehouse(warehouse: Path) -> Path:
    return keep_log(warehouse)


CANARY = "kvothe-9f27c1-vellichor-3b"


def holds(folder: Path, text: str) -> bool:
    """Whether a text stands in any byte of a folder's DuckDB file."""
    return text.encode() in (folder / "callstory.duckdb").read_bytes()


@pytest.mark.parametrize("is_fresh", [True, False])
def test_after_an_erasure_nothing_is_carried_over(
    warehouse: Path, tmp_path: Path, is_fresh: bool
) -> None:
    """Old pages keep old bytes: an erased text may be in no byte of a version made afresh.

    Without ``is_fresh`` it is there all the same, in a page that no row uses: the check sees it.
    """
    zone = tmp_path / "published"
    calls = known_calls(warehouse, DAYS[0])[:5]
    build(warehouse, "b2", calls, change(calls, CANARY))
    put(warehouse, zone, "b2")
    assert holds(zone / "versions" / "b2", CANARY)
    build(warehouse, "b3", calls, remove(calls), is_fresh=is_fresh)
    told = put(warehouse, zone, "b3")
    version = zone / "versions" / "b3"
    assert CANARY not in str(rows_of(version))
    assert holds(version, CANARY) is not is_fresh
    links = {path.stat().st_nlink > 1 for path in (version / "parquet").rglob("*.parquet")}
    assert links == ({False} if is_fresh else {False, True})
    assert told["went_on_from"] == (None if is_fresh else "b2")
    others = known_calls(warehouse, DAYS[1])[:1]
    build(warehouse, "b4", others, change(others, "harmless"))
    assert put(warehouse, zone, "b4")["went_on_from"] == "b3"
    assert holds(zone / "versions" / "b4", CANARY) is not is_fresh


def test_an_erasure_between_two_publications_counts(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    calls = known_calls(warehouse)[:2]
    put(warehouse, zone, BUILD)
    build(warehouse, "erased", calls, remove(calls), is_fresh=True)
    build(warehouse, "b3", calls[:1])
    assert changes_since(warehouse, LocalZone(zone)) is None
    told = assert_as_whole(warehouse, zone, "b3", tmp_path / "whole")
    assert told["went_on_from"] is None


@pytest.mark.parametrize(
    "statement",
    [
        "drop table meta.build_log",
        "drop table meta.changed_call",
        "delete from meta.build_log where sequence = 1",
        "delete from meta.build_log where sequence = 2",
        "update meta.build_log set build_id = 'another' where sequence = 1",
        "update meta.build_log set is_fresh = null where sequence = 2",
        "alter table marts.call_turn add column mood varchar",
        "alter table marts.call_turn alter turn_index type bigint",
        "create table marts.call_more as select 1 as one",
    ],
)
def test_nothing_to_go_on_from(warehouse: Path, tmp_path: Path, statement: str) -> None:
    """Whatever is unknown or another shape makes the next version whole."""
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    calls = known_calls(warehouse)[:1]
    build(warehouse, "b2", calls, change(calls, "x"))
    base = changes_since(warehouse, LocalZone(zone))
    assert base is not None
    assert (base.build_id, base.sequence) == (BUILD, 1)
    execute(warehouse, statement)
    assert changes_since(warehouse, LocalZone(zone)) is None
    assert put(warehouse, zone, "b2")["went_on_from"] is None


def test_a_log_that_does_not_add_up_is_not_believed(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    calls = known_calls(warehouse)[:2]
    build(warehouse, "b2", calls[:1], remove(calls))
    told = assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    assert told["went_on_from"] is None


def test_the_base_is_the_latest_published_build(warehouse: Path, tmp_path: Path) -> None:
    """Neither the pointer nor the order of publication decides, nor the same build come again."""
    zone = LocalZone(tmp_path / "published")
    put(warehouse, zone.root, BUILD)
    for call, name in zip(known_calls(warehouse), ["b2", "b3", BUILD, "b4"], strict=False):
        build(warehouse, name, [call], change([call], f"mark of {name}"))
        if name in {"b2", BUILD}:
            put(warehouse, zone.root, name)
    rollback(str(zone.root), BUILD)
    base = changes_since(warehouse, zone)
    assert base is not None
    assert (base.build_id, base.sequence) == ("b2", 2)
    assert base.folder == zone.version("b2")
    assert changes_since(warehouse, zone, rules="others") is None
    told = assert_as_whole(warehouse, zone.root, "b4", tmp_path / "whole")
    assert told["went_on_from"] == "b2"
