"""Publication is whole, atomic, idempotent and refused without proof (promise 5)."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from serve.publish import PublishRefused, publish, rollback
from serve.snapshot import REQUIRED
from serve.zone import LocalZone, ZoneError
from tests.serve.conftest import DAY, passing_report, restamp
from tests.serve.fixture_warehouse import BUILD, BUILT_AT, execute

BLOCKED = {
    "name": "redaction",
    "check": "detector",
    "passed": False,
    "severity": "error",
    "day": DAY,
    "route": None,
    "checked": 400,
    "failed": 3,
    "what_to_do": "Mend the policy.",
}


def current(zone: Path) -> dict[str, bytes]:
    """The pointer and every byte of every version."""
    files = {str(p): p.read_bytes() for p in (zone / "versions").rglob("*") if p.is_file()}
    link = zone / "current"
    return files | {"current": str(link.readlink()).encode() if link.is_symlink() else b""}


def put(warehouse: Path, zone: Path, build: str = BUILD, keep: int = 5) -> bool:
    return publish(warehouse, str(zone), build, passing_report(build), keep).changed


def manifest(zone: Path) -> dict:
    return json.loads((zone / "current" / "manifest.json").read_text())


def test_duckdb_parquet_and_manifest_show_the_same_build(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    assert put(warehouse, zone)
    told = manifest(zone)
    assert told["build_id"] == BUILD
    assert told["call_days"] == ["2026-05-01", "2026-05-02"]
    assert told["gates"]["passed"] is True
    assert set(told["tables"]) == set(REQUIRED)
    connection = duckdb.connect(str(zone / "current" / "callstory.duckdb"), read_only=True)
    for table in REQUIRED:
        files = str(zone / "current" / "parquet" / table / "**" / "*.parquet")
        rows = connection.execute(f"from {table} order by all").fetchall()
        assert len(rows) == told["tables"][table]["rows"]
        names = ", ".join(told["tables"][table]["columns"])
        query = f"select {names} from read_parquet('{files}') order by all"
        assert connection.execute(query).fetchall() == rows
    days = {p.name for p in (zone / "current" / "parquet" / "call_event").iterdir()}
    assert days == {"call_date=2026-05-01", "call_date=2026-05-02"}


def test_comments_of_tables_and_columns_come_along(warehouse: Path, tmp_path: Path) -> None:
    execute(warehouse, "comment on column marts.call_record.route is 'which way it''s gone'")
    execute(warehouse, "comment on table marts.call_record is 'One row per call.'")
    put(warehouse, tmp_path / "published")
    path = tmp_path / "published" / "current" / "callstory.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        query = "select comment from duckdb_columns() where column_name = 'route' and comment <> ''"
        assert connection.execute(query).fetchall() == [("which way it's gone",)]
        query = "select comment from duckdb_tables() where table_name = 'call_record'"
        assert connection.execute(query).fetchall() == [("One row per call.",)]


def test_the_group_may_read_and_others_nothing(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone)
    for path in [zone, *zone.rglob("*")]:
        if not path.is_symlink():
            wanted = 0o750 if path.is_dir() else 0o640
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_content_hash_depends_on_the_rows_alone(warehouse: Path, tmp_path: Path) -> None:
    put(warehouse, tmp_path / "one")
    execute(
        warehouse,
        "create or replace table marts.call_event as from marts.call_event order by random()",
    )
    put(warehouse, tmp_path / "two")
    before, after = manifest(tmp_path / "one")["tables"], manifest(tmp_path / "two")["tables"]
    assert before == after
    execute(
        warehouse,
        "update marts.call_event set severity = 'warn' where event_id ="
        " (select min(event_id) from marts.call_event)",
    )
    put(warehouse, tmp_path / "three")
    changed = manifest(tmp_path / "three")["tables"]
    assert {t for t in changed if changed[t] != before[t]} == {"call_event"}


def test_a_row_twice_changes_the_content_hash(warehouse: Path, tmp_path: Path) -> None:
    put(warehouse, tmp_path / "one")
    execute(warehouse, "insert into marts.call_turn from marts.call_turn")
    execute(warehouse, "insert into marts.call_turn from marts.call_turn")
    put(warehouse, tmp_path / "two")
    hashes = [manifest(tmp_path / name)["tables"]["call_turn"] for name in ("one", "two")]
    assert hashes[0]["content_hash"] != hashes[1]["content_hash"]
    assert hashes[0]["rows"] * 4 == hashes[1]["rows"]


def test_publishing_a_published_build_changes_nothing(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    assert put(warehouse, zone) is True
    before = current(zone)
    assert put(warehouse, zone) is False
    assert current(zone) == before


def test_an_old_reader_keeps_reading_and_a_new_one_sees_the_new(
    warehouse: Path, tmp_path: Path
) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone)
    path = (zone / "current" / "callstory.duckdb").resolve()
    reader = duckdb.connect(str(path), read_only=True)
    execute(warehouse, "delete from marts.call_turn")
    restamp(warehouse, "build-b")
    assert put(warehouse, zone, "build-b")
    assert reader.execute("select count(*) from call_turn").fetchone() == (400,)
    with duckdb.connect(str(zone / "current" / "callstory.duckdb"), read_only=True) as later:
        assert later.execute("select count(*) from call_turn").fetchone() == (0,)
    empty = str(zone / "current" / "parquet" / "call_turn" / "*.parquet")
    assert duckdb.sql(f"select count(*) from '{empty}'").fetchone() == (0,)


def test_old_versions_are_pruned_but_never_the_current_one(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    for build in ("b1", "b2", "b3", "b4"):
        restamp(warehouse, build)
        put(warehouse, zone, build, keep=3)
    assert [m["build_id"] for m in LocalZone(zone).builds()] == ["b2", "b3", "b4"]
    rollback(str(zone), "b2")
    restamp(warehouse, "b5")
    put(warehouse, zone, "b5", keep=1)
    assert [m["build_id"] for m in LocalZone(zone).builds()] == ["b5"]
    assert LocalZone(zone).current() == "b5"


def test_going_back_is_one_step_and_forth_again(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    for build in ("b1", "b2"):
        restamp(warehouse, build)
        put(warehouse, zone, build)
    assert rollback(str(zone)) == "b1"
    assert manifest(zone)["build_id"] == "b1"
    with pytest.raises(ZoneError, match="no version was published before b1"):
        rollback(str(zone))
    assert rollback(str(zone), "b2") == "b2"
    with pytest.raises(ZoneError, match=r"no version b9; there are: b1, b2"):
        rollback(str(zone), "b9")
    assert manifest(zone)["build_id"] == "b2"


def stale() -> dict:
    return passing_report() | {"created_at": (BUILT_AT - timedelta(seconds=1)).isoformat()}


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (None, ["no gate report for build build-a"]),
        ({}, ["no gate report for build build-a"]),
        (passing_report("build-z"), ["of build build-z, not of build-a"]),
        (stale(), ["build-a is stale", "2026-05-04 02:59:59", "2026-05-04 03:00:00"]),
        (passing_report() | {"created_at": "yesterday"}, ["is stale"]),
        (passing_report() | {"created_at": None}, ["is stale"]),
        (passing_report() | {"passed": False}, ["did not pass"]),
        (passing_report() | {"passed": "yes"}, ["did not pass"]),
        (passing_report() | {"gates": []}, ["redaction: the report does not mention this gate"]),
        (passing_report() | {"gates": passing_report()["gates"][:1]},
         ["alias_completeness: the report does not mention"]),
        (passing_report() | {"gates": [*passing_report()["gates"], BLOCKED]},
         [f"redaction/detector on {DAY}: 3 of 400", "Mend the policy."]),
        (passing_report() | {"gates": [*passing_report()["gates"], BLOCKED | {"passed": None}]},
         [f"redaction/detector on {DAY}: 3 of 400"]),
    ],
)  # fmt: skip
def test_refused(warehouse: Path, tmp_path: Path, report: dict | None, says: list[str]) -> None:
    zone = tmp_path / "published"
    restamp(warehouse, "before")
    put(warehouse, zone, "before")
    restamp(warehouse, BUILD)
    before = current(zone)
    with pytest.raises(PublishRefused) as caught:
        publish(warehouse, str(zone), BUILD, report, 5)
    assert [text for text in says if text not in str(caught.value)] == []
    assert current(zone) == before


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update meta.build set build_id = 'other'", "the warehouse holds other"),
        ("drop table meta.build", "no finished build"),
        ("delete from meta.build", "no finished build"),
        ("insert into meta.build from meta.build", "no finished build"),
        ("update meta.build set built_at = null", "no finished build"),
        ("drop table marts.call_turn", "no marts.call_turn"),
    ],
)
def test_a_warehouse_that_is_not_that_build_is_refused(
    warehouse: Path, tmp_path: Path, statement: str, says: str
) -> None:
    execute(warehouse, statement)
    with pytest.raises(PublishRefused, match=says):
        put(warehouse, tmp_path / "published")
    assert not (tmp_path / "published" / "current").exists()


def test_a_build_id_never_becomes_a_path(warehouse: Path, tmp_path: Path) -> None:
    restamp(warehouse, "../../escape")
    with pytest.raises(PublishRefused, match="a build id is letters"):
        put(warehouse, tmp_path / "published", "../../escape")


def test_a_crash_while_writing_leaves_no_version(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = tmp_path / "published"

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("serve.snapshot._settle", broken)
    with pytest.raises(OSError, match="disk full"):
        put(warehouse, zone)
    assert list((zone / "versions").iterdir()) == []
    monkeypatch.undo()
    assert put(warehouse, zone)


def test_left_over_temporary_folders_go(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    (zone / "versions" / ".tmp-dead").mkdir(parents=True)
    put(warehouse, zone)
    assert [path.name for path in (zone / "versions").iterdir()] == [BUILD]


def test_a_warning_does_not_block_and_is_kept(warehouse: Path, tmp_path: Path) -> None:
    report = passing_report()
    report["gates"].append(BLOCKED | {"severity": "warn", "name": "alias_completeness"})
    publish(warehouse, str(tmp_path / "published"), BUILD, report, 5)
    warnings = manifest(tmp_path / "published")["gates"]["warnings"]
    assert warnings == [f"alias_completeness/detector on {DAY}: 3 of 400"]
