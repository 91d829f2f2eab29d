"""No room left while a version is written: a clear refusal, and readers see what they saw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serve.publish import PublishRefused
from serve.zone import LocalZone
from tests.conftest import ROOT
from tests.serve.changing_warehouse import build, change, keep_log, known_calls
from tests.serve.conftest import passing_report
from tests.serve.fixture_warehouse import BUILD
from tests.serve.versions import digests, put, rows_of

SIZE = 32 << 20
STEP = 384 << 10
LIMITED = r"""
import json, resource, sys
from pathlib import Path
from serve.publish import PublishRefused, publish

warehouse, zone, build, report, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    publish(Path(warehouse), zone, build, json.loads(report), 5)
except PublishRefused as refused:
    print(refused)
else:
    print("published")
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, room: int) -> Path:
    """Take all space but ``room`` bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    state = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - room))
    return filler


def tried(warehouse: Path, zone: LocalZone) -> tuple[dict | None, str]:
    """The manifest of build b2, or what the refusal says."""
    try:
        return put(warehouse, zone.root, "b2"), ""
    except PublishRefused as refused:
        return None, str(refused)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_full_disk(warehouse: Path, disk: Path, tmp_path: Path, goes_on: bool) -> None:
    """With ever more room, until there is enough: it runs out in one place after the other."""
    keep_log(warehouse)
    zone = LocalZone(disk / "published")
    put(warehouse, zone.root, BUILD)
    calls = known_calls(warehouse)[:4]
    build(warehouse, "b2", calls, change(calls, "later"), is_fresh=not goes_on)
    before, refusals = digests(zone.root / "versions"), []
    for room in range(0, SIZE, STEP):
        filler = fill(disk, room)
        told, said = tried(warehouse, zone)
        filler.unlink()
        if told:
            break
        refusals.append(said)
        assert digests(zone.root / "versions") == before
        assert zone.current() == BUILD
        assert [path.name for path in (zone.root / "versions").iterdir()] == [BUILD]
    assert len(refusals) >= 3
    for said in refusals:
        assert "no room left to write build b2" in said
        assert "CALLSTORY_KEEP_VERSIONS" in said
    assert zone.current() == "b2"
    assert told["went_on_from"] == (BUILD if goes_on else None)
    put(warehouse, tmp_path / "whole", "b2")
    assert rows_of(zone.version("b2")) == rows_of(tmp_path / "whole" / "versions" / "b2")


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_limit_on_the_size_of_files(warehouse: Path, tmp_path: Path, goes_on: bool) -> None:
    """The same without a disk of its own: the system refuses to let a file grow."""
    keep_log(warehouse)
    zone = LocalZone(tmp_path / "published")
    put(warehouse, zone.root, BUILD)
    calls = known_calls(warehouse)[:4]
    build(warehouse, "b2", calls, change(calls, "later"), is_fresh=not goes_on)
    before = digests(zone.root / "versions")
    size = (zone.version(BUILD) / "callstory.duckdb").stat().st_size
    for limit in (1 << 16, size // 2):
        said = publish_limited(warehouse, zone, limit)
        assert "no room left to write build b2" in said, limit
        assert digests(zone.root / "versions") == before
        assert zone.current() == BUILD
        assert [path.name for path in (zone.root / "versions").iterdir()] == [BUILD]
    assert publish_limited(warehouse, zone, 4 * size) == "published"
    assert zone.current() == "b2"


def publish_limited(warehouse: Path, zone: LocalZone, limit: int) -> str:
    """Publish build b2 in a process whose files may have ``limit`` bytes; what it said."""
    report = json.dumps(passing_report("b2"))
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, str(warehouse), str(zone.root), "b2", report, str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
