"""Raw and ungated files are their owner's alone; published ones are the group's to read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")


def open_to(path: Path, who: int) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & who)


def test_nobody_else_can_read_what_is_not_published(clean_run: PipelineRun) -> None:
    data = clean_run.settings.data_dir
    closed = [data / name for name in ("landing", "redacted", "warehouse.duckdb", "gates", "logs")]
    assert [p.name for p in closed if open_to(p, stat.S_IRWXG | stat.S_IRWXO)] == []


def test_the_group_can_reach_and_read_what_is_published(clean_run: PipelineRun) -> None:
    folder = clean_run.published.parent.resolve()
    reachable = [clean_run.settings.data_dir, folder.parent.parent, folder.parent, folder]
    assert [str(p) for p in reachable if not open_to(p, stat.S_IXGRP)] == []
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [p.name for p in files if not open_to(p, stat.S_IRGRP)] == []
    assert [p.name for p in files if open_to(p, stat.S_IRWXO)] == []
