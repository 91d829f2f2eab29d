"""``callstory calibrate`` and ``callstory quality``, and that builds go by what is pinned."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.settings import Settings
from orchestration.build import context_id
from orchestration.matching.versions import keep, pin, pinned, pinned_dir
from serve.cli import main
from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")


def callstory(environment: Mapping[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


@pytest.fixture
def home(clean_run: PipelineRun, tmp_path: Path) -> dict[str, str]:
    """A copy of what the clean estate's run left, which the test may change."""
    shutil.copytree(clean_run.settings.data_dir, tmp_path / "data", symlinks=True)
    moved = {k: v for k, v in clean_run.environment.items() if k.startswith("CALLSTORY_")}
    return {**moved, "CALLSTORY_DATA": str(tmp_path / "data")}


def test_the_first_calibration_is_pinned_and_later_ones_wait(
    home: dict[str, str], tmp_path: Path
) -> None:
    settings = Settings.from_env(home)
    assert pinned(settings) == "none"
    folder = tmp_path / "policy=1"
    folder.mkdir()
    (folder / "_token_key.txt").write_text("digest")
    before = context_id(settings, folder)
    told = callstory(home, "calibrate")
    assert told.exit_code == 0, told.output
    first = pinned(settings)
    assert f"calibration {first} is pinned: the next run goes by it" in told.output
    assert "telephony_agent: " in told.output
    assert "precision 1.0000" in told.output
    assert not (settings.data_dir / "matching" / "workbench").exists(), "it holds warehouse rows"
    assert context_id(settings, folder) != before, "the next build makes everything anew"
    # The same warehouse gives the same calibration, which is kept once.
    again = callstory(home, "calibrate")
    assert f"calibration {first} is pinned" in again.output
    other = keep(settings, {"day": [{"pair": "ivr_agent", "day": "2026-05-01"}]})
    assert pinned(settings) == first
    told = callstory(home, "calibrate", "--use", other)
    assert told.exit_code == 0
    assert pinned_dir(settings).name == other
    assert "ivr_agent" in (pinned_dir(settings) / "day.jsonl").read_text()


def test_a_version_that_is_not_kept_is_named(home: dict[str, str]) -> None:
    told = callstory(home, "calibrate", "--use", "deadbeef")
    assert told.exit_code == 1
    assert "no calibration 'deadbeef' is kept; there are: none yet" in told.output


def test_without_a_warehouse_it_says_so(home: dict[str, str]) -> None:
    Settings.from_env(home).warehouse.unlink()
    told = callstory(home, "calibrate")
    assert told.exit_code == 1
    assert "there is no built warehouse" in told.output


def test_going_back_to_no_links(home: dict[str, str]) -> None:
    settings = Settings.from_env(home)
    pin(settings, keep(settings, {}))
    assert callstory(home, "calibrate", "--use", "none").exit_code == 0
    assert pinned(settings) == "none"
    assert (pinned_dir(settings) / "clock.jsonl").read_text() == ""
