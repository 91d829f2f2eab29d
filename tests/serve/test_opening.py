"""A reader that looked at the pointer just before its version was removed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.settings import Places
from serve.published import open_snapshot
from serve.zone import LocalZone
from tests.serve.conftest import restamp
from tests.serve.versions import put


def looks_first_at(monkeypatch: pytest.MonkeyPatch, *seen: str) -> None:
    """Let the pointer's first readings be these builds, whatever it names by now."""
    readings, now = list(seen), LocalZone.current
    monkeypatch.setattr(
        LocalZone, "current", lambda zone: readings.pop(0) if readings else now(zone)
    )


def test_the_new_pointer_is_followed_once(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = tmp_path / "published"
    for build in ("b1", "b2", "b3"):
        restamp(warehouse, build)
        put(warehouse, zone, build, keep=1)
    looks_first_at(monkeypatch, "b1")
    with open_snapshot(Places(str(zone), tmp_path)) as snapshot:
        assert snapshot.manifest["build_id"] == "b3"
        assert snapshot.count("select count(*) from call_record") == 200
    looks_first_at(monkeypatch, "b1", "b2")
    with pytest.raises(FileNotFoundError), open_snapshot(Places(str(zone), tmp_path)):
        pass


def test_a_version_that_is_open_stays_readable(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, "build-a")
    with open_snapshot(Places(str(zone), tmp_path)) as snapshot:
        shutil.rmtree(zone / "versions" / "build-a")
        assert snapshot.count("select count(distinct payload) from call_event") == 8


def test_a_broken_current_version_is_told_as_it_is(warehouse: Path, tmp_path: Path) -> None:
    zone = tmp_path / "published"
    put(warehouse, zone, "build-a")
    (zone / "current" / "manifest.json").unlink()
    with (
        pytest.raises(FileNotFoundError, match=r"build-a/manifest\.json"),
        open_snapshot(Places(str(zone), tmp_path)),
    ):
        pass
