"""The event log of ``dagster.yaml``: as upstream's to read, with an engine a database."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from orchestration import event_log
from tests.harness import write_dagster_home

pytestmark = pytest.mark.xdist_group("orchestration")


@dg.asset
def an_asset() -> int:
    return 1


@dg.asset_check(asset=an_asset)
def a_check(an_asset: int) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=an_asset == 1)


def test_what_it_wrote_is_read_by_upstream_and_engines_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    create = event_log.create_engine
    monkeypatch.setattr(
        event_log, "create_engine", lambda url, **other: made.append(url) or create(url, **other)
    )
    monkeypatch.setenv("DAGSTER_HOME", str(write_dagster_home(tmp_path)))
    with dg.DagsterInstance.get() as instance:
        result = dg.materialize([an_asset, a_check], instance=instance)
        assert result.success
        told = instance.all_logs(result.run_id)
        checked = instance.get_latest_materialization_event(an_asset.key)
    assert sorted(made) == sorted({*made}), "one engine a database"
    assert {Path(url).name for url in made} == {"index.db", f"{result.run_id}.db"}

    storage = DagsterSqliteStorage.from_local(str(tmp_path / "storage"))
    assert [entry.message for entry in storage.event_log_storage.get_logs_for_run(
        result.run_id
    )] == [entry.message for entry in told]  # fmt: skip
    types = {entry.dagster_event_type for entry in told}
    assert {
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.RUN_SUCCESS,
    } <= types
    (record,) = storage.event_log_storage.get_asset_records([an_asset.key])
    assert record.asset_entry.last_materialization == checked
