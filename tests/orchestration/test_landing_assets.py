"""A landing asset retries what may pass by itself, and tells a person of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from ingest.errors import PermanentError, TransientError
from ingest.records import Item, Limits, check
from ingest.registry import PullContext, Stream
from ingest.settings import Settings
from orchestration.assets import landing
from orchestration.assets.landing import landing_asset

pytestmark = pytest.mark.xdist_group("orchestration")

DAY = "2026-05-01"


class Flaky:
    """A stream whose first pulls fail."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures = failures
        self.pulls = 0

    def pull(self, context: PullContext, day: date) -> Iterator[Item]:
        self.pulls += 1
        if self.failures:
            raise self.failures.pop(0)
        yield check(b'{"id": "1"}', Limits())

    def stream(self) -> Stream:
        return Stream(
            provider="twilio",
            name="calls",
            kind="http",
            key=lambda record: str(record["id"]),
            day=lambda record: date(2026, 5, 1),
            pull=self.pull,
        )


def run(flaky: Flaky, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dg.ExecuteInProcessResult:
    monkeypatch.setattr(landing, "RETRY_WAIT_S", 0)
    settings = Settings(
        data_dir=folder,
        landing=str(folder / "landing"),
        redacted=str(folder / "redacted"),
        published=str(folder / "published"),
        warehouse=folder / "warehouse.duckdb",
    )
    return dg.materialize(
        [landing_asset(flaky.stream())],
        resources={"settings": settings},
        partition_key=DAY,
        raise_on_error=False,
    )


def test_a_transient_error_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flaky = Flaky([TransientError("twilio calls: 503"), TransientError("twilio calls: 503")])
    assert run(flaky, tmp_path, monkeypatch).success
    assert flaky.pulls == 3


def test_transient_errors_end_as_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flaky = Flaky([TransientError("twilio calls: 503")] * 9)
    assert not run(flaky, tmp_path, monkeypatch).success
    assert flaky.pulls == 1 + landing.RETRIES


def test_a_permanent_error_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flaky = Flaky([PermanentError("twilio calls: 401")])
    result = run(flaky, tmp_path, monkeypatch)
    assert not result.success
    assert flaky.pulls == 1
    failure = result.get_step_failure_events()[0].event_specific_data.user_failure_data
    assert "twilio.calls: twilio calls: 401" in failure.description
    assert "what_to_do" in failure.metadata


def test_a_provider_that_is_off_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flaky = Flaky([])
    monkeypatch.setattr(landing, "RETRY_WAIT_S", 0)
    settings = Settings(
        data_dir=tmp_path,
        landing=str(tmp_path / "landing"),
        redacted="",
        published="",
        warehouse=tmp_path / "w",
        providers=("zendesk",),
    )
    asset = landing_asset(flaky.stream())
    assert dg.materialize([asset], resources={"settings": settings}, partition_key=DAY).success
    assert flaky.pulls == 0
