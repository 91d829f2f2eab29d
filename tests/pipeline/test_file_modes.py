"""Raw and ungated files are their owner's alone; published ones are the group's to read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from orchestration.assets.warehouse import _dbt_folder
from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")


def open_to(path: Path, who: int) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & who)


def test_nobody_else_can_read_what_is_not_published(clean_run: PipelineRun) -> None:
    data = clean_run.settings.data_dir
    closed = [data / name for name in ("landing", "redacted", "warehouse.duckdb", "gates", "logs")]
    assert [p.name for p in closed if open_to(p, stat.S_IRWXG | stat.S_IRWXO)] == []


def test_nothing_that_a_run_leaves_is_open_to_others(clean_run: PipelineRun) -> None:
    """Logs, Dagster's home, gate reports, call IDs, locks, folders: all but the versions."""
    data, published = clean_run.settings.data_dir, Path(clean_run.settings.published)
    for_the_group = {data, published, published / "versions"}
    written = [
        path
        for path in (*data.rglob("*"), data, *(clean_run.home / "dagster").glob("*/**/*"))
        if not path.is_symlink() and published / "versions" not in path.parents
    ]
    assert len(written) > 50
    assert [str(p) for p in written if open_to(p, stat.S_IRWXO)] == []
    closed = [path for path in written if path not in for_the_group]
    assert {"call_ids", "gates", "logs"} <= {path.name for path in closed}
    assert [str(p) for p in closed if open_to(p, stat.S_IRWXG)] == []


def test_what_dbt_parsed_for_all_to_read_is_kept_for_the_owner(tmp_path: Path) -> None:
    """As after a user's own ``dbt parse``: the copy in the data folder has not that file's mode."""
    parsed = tmp_path / "target" / "partial_parse.msgpack"
    parsed.parent.mkdir()
    parsed.write_bytes(b"parsed")
    parsed.chmod(0o644)
    before = os.umask(0o077)
    try:
        copied = _dbt_folder(tmp_path / "data", parsed.parent) / parsed.name
    finally:
        os.umask(before)
    assert copied.read_bytes() == b"parsed"
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600


def test_the_group_can_reach_and_read_what_is_published(clean_run: PipelineRun) -> None:
    folder = clean_run.published.parent.resolve()
    reachable = [clean_run.settings.data_dir, folder.parent.parent, folder.parent, folder]
    assert [str(p) for p in reachable if not open_to(p, stat.S_IXGRP)] == []
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [p.name for p in files if not open_to(p, stat.S_IRGRP)] == []
    assert [p.name for p in files if open_to(p, stat.S_IRWXO)] == []
