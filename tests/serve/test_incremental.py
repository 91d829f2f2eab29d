"""A version that goes on from another one is, row for row, the version written whole."""

from __future__ import annotations

import errno
import random
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from serve.publish import rollback
from serve.zone import LocalZone
from tests.serve.changing_warehouse import (
    add,
    build,
    change,
    keep_log,
    known_calls,
    move,
    random_build,
    redirect,
    remove,
)
from tests.serve.fixture_warehouse import BUILD, DAYS, build_warehouse, call_id
from tests.serve.versions import assert_as_whole, digests, inodes, put, rows_of

ADDED_DAY = DAYS[1] + timedelta(days=1)
MANY_DAYS = [DAYS[0] + timedelta(days=n) for n in range(6)]


@pytest.fixture
def warehouse(warehouse: Path) -> Path:
    return keep_log(warehouse)


@pytest.mark.parametrize(("seed", "as_view"), [(1, False), (2, True)])
def test_random_changes_over_many_builds(seed: int, as_view: bool, tmp_path: Path) -> None:
    """Several builds between publications, rollbacks and pruning, days that come and go."""
    warehouse, zone = tmp_path / "warehouse.duckdb", tmp_path / "published"
    keep_log(build_warehouse(warehouse, calls=5), events_as_view=as_view)
    chance = random.Random(seed)
    put(warehouse, zone, BUILD)
    went_on, appended = 0, []
    for number in range(10):
        name = f"b{number:02d}"
        random_build(warehouse, name, chance, MANY_DAYS)
        if chance.random() < 0.4:
            continue
        if chance.random() < 0.3 and len(LocalZone(zone).builds()) > 1:
            rollback(str(zone), chance.choice(LocalZone(zone).builds())["build_id"])
        told = assert_as_whole(warehouse, zone, name, tmp_path / "whole")
        went_on += told["went_on_from"] is not None
        appended.append(told["appended_rows"])
        LocalZone(zone).prune(chance.choice([1, 2, 20]))
    assert went_on == len(appended) >= 4
    assert any(appended)


def test_untouched_files_are_links_and_the_base_stays_as_it_was(
    warehouse: Path, tmp_path: Path
) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    base = zone / "versions" / BUILD
    before = digests(base)
    calls = known_calls(warehouse, DAYS[0])[:3]
    build(warehouse, "b2", calls, change(calls, "later"))
    told = assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    assert told["went_on_from"] == BUILD
    assert told["appended_rows"] == 3 * (1 + 7 + 2)
    assert digests(base) == before
    assert not list((zone / "versions" / "b2").rglob("*.wal"))
    old, new = inodes(base), inodes(zone / "versions" / "b2")
    assert set(old) == set(new)
    touched = {
        f"parquet/{table}/call_date={DAYS[0]}/data_0.parquet"
        for table in ("call_record", "call_event", "call_turn")
    }
    assert {place for place in old if old[place] != new[place]} == {
        *touched,
        "callstory.duckdb",
        "manifest.json",
    }
    LocalZone(zone).prune(1)
    assert not base.exists()
    assert rows_of(zone / "versions" / "b2") == rows_of(tmp_path / "whole/b2/versions/b2")


def test_days_that_come_and_go(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    first = known_calls(warehouse, DAYS[0])
    build(warehouse, "b2", first, move(first, ADDED_DAY))
    told = assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    assert told["call_days"] == [str(DAYS[1]), str(ADDED_DAY)]
    assert told["went_on_from"] == BUILD
    everything = known_calls(warehouse)
    build(warehouse, "b3", everything, remove(everything))
    told = assert_as_whole(warehouse, zone, "b3", tmp_path / "whole")
    assert (told["call_days"], told["tables"]["call_event"]["rows"]) == ([], 0)
    numbers = range(4)
    back = [call_id(DAYS[0], "web_call", number) for number in numbers]
    build(warehouse, "b4", back, add(DAYS[0], "web_call", numbers))
    told = assert_as_whole(warehouse, zone, "b4", tmp_path / "whole")
    assert (told["call_days"], told["went_on_from"]) == ([str(DAYS[0])], "b3")


def test_rows_without_a_day(warehouse: Path, tmp_path: Path) -> None:
    """The gates withhold such a build; what publication does with one is defined all the same."""
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    lost = known_calls(warehouse, DAYS[0])[:2]
    build(warehouse, "b2", lost, move(lost, None))
    assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    build(warehouse, "b3", lost, move(lost, DAYS[1]))
    told = assert_as_whole(warehouse, zone, "b3", tmp_path / "whole")
    assert told["went_on_from"] == "b2"


def test_only_a_table_without_calls_changed(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    build(warehouse, "b2", [], redirect("call_old", known_calls(warehouse)[0]))
    told = assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    assert told["tables"]["call_redirect"]["rows"] == 1
    old, new = inodes(zone / "versions" / BUILD), inodes(zone / "versions" / "b2")
    changed = {place for place in old if old[place] != new[place]}
    assert changed == {
        "callstory.duckdb",
        "manifest.json",
        "parquet/call_redirect/data_0.parquet",
    }


def test_many_appended_rows_make_the_database_whole_again(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)
    day = known_calls(warehouse, DAYS[0])
    seen = []
    for number in range(3):
        build(warehouse, f"b{number}", day, change(day[:90], f"mark {number}"))
        told = assert_as_whole(warehouse, zone, f"b{number}", tmp_path / "whole")
        assert told["went_on_from"] is not None
        seen.append(told["appended_rows"])
    assert 0 in seen
    assert max(seen) > 0
    linked = zone / "versions" / f"b{seen.index(0)}" / f"parquet/call_turn/call_date={DAYS[1]}"
    assert (linked / "data_0.parquet").stat().st_nlink > 1


def test_where_links_cannot_be_made_files_are_copied(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, BUILD)

    def refused(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refused)
    calls = known_calls(warehouse)[:1]
    build(warehouse, "b2", calls, change(calls, "x"))
    assert_as_whole(warehouse, zone, "b2", tmp_path / "whole")
    files = [path.stat() for path in (zone / "versions" / "b2").rglob("*") if path.is_file()]
    assert {(one.st_nlink, stat.S_IMODE(one.st_mode)) for one in files} == {(1, 0o640)}
