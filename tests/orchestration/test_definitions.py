"""The code location: it loads alone, names what it should, and ranges are one run."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster_dbt import DbtCliResource
from packaging.version import Version

from ingest.registry import all_streams
from orchestration.definitions import defs
from orchestration.resources import DBT_DIR, Dbt
from orchestration.run import main
from orchestration.schedules import RANGE_END, RANGE_START, nightly
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("orchestration")

MARTS = [
    "call_alias",
    "call_completeness",
    "call_event",
    "call_record",
    "call_redirect",
    "call_turn",
    "gate_exception",
]


def asset_keys() -> set[str]:
    return {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}


def test_every_stream_and_mart_is_an_asset() -> None:
    wanted = {
        f"{zone}/{s.provider}/{s.name}" for s in all_streams() for zone in ("landing", "redacted")
    }
    wanted |= {f"marts/{mart}" for mart in MARTS} | {"published/snapshot"}
    assert wanted - asset_keys() == set()


def test_the_marts_descend_from_every_landing_asset() -> None:
    graph = defs.resolve_asset_graph()
    upstream = (
        dg.AssetSelection.assets(dg.AssetKey(["published", "snapshot"])).upstream().resolve(graph)
    )
    landing = {dg.AssetKey(["landing", s.provider, s.name]) for s in all_streams()}
    assert landing - upstream == set()


def test_the_gates_block() -> None:
    checks = defs.resolve_asset_graph().asset_check_keys
    names = {check.name for check in checks}
    assert {"redaction", "alias_completeness"} <= names
    nodes = [
        defs.resolve_asset_graph().get(check)
        for check in checks
        if check.name in ("redaction", "alias_completeness")
    ]
    assert all(node.blocking for node in nodes)


def test_the_location_validates_in_a_fresh_process_without_settings() -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CALLSTORY_")}
    command = [
        str(Path(sys.executable).parent / "dagster"),
        "definitions",
        "validate",
        "-m",
        "orchestration.definitions",
    ]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_schedule_asks_for_yesterday_and_the_look_back_as_one_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALLSTORY_LOOKBACK_DAYS", "3")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 5, 10, 3, tzinfo=UTC)
    )
    request = nightly(context)
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2026-05-06", "2026-05-09")


def test_the_shortened_dbt_resource_still_overrides_what_upstream_calls() -> None:
    assert hasattr(DbtCliResource, "_initialize_dbt_core_adapter")
    assert "_cli_version" in vars(DbtCliResource)
    shortened = Dbt(project_dir=str(DBT_DIR), profiles_dir=str(DBT_DIR))
    assert shortened._cli_version == Version(importlib.metadata.version("dbt-core"))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["--from", "2026-05-03", "--to", "2026-05-01"], "is after"),
        (["--from", "2020-01-01", "--to", "2026-05-01"], "CALLSTORY_START_DATE"),
        (["--from", "2026-05-01", "--to", "2999-01-01"], "not over yet"),
    ],
)
def test_days_that_cannot_run_are_refused_before_any_work(
    days: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CALLSTORY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CALLSTORY_TOKEN_KEY", "k" * 32)
    monkeypatch.setenv("CALLSTORY_PROVIDERS", "livekit")
    monkeypatch.setenv("CALLSTORY_LIVEKIT_DROPS", str(tmp_path))
    assert main(days) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_wrong_settings_are_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CALLSTORY_TOKEN_KEY", raising=False)
    assert main(["--from", "2026-05-01", "--to", "2026-05-01"]) == 2
    assert "CALLSTORY_TOKEN_KEY" in capsys.readouterr().err
