"""Promise 4: no planted secret stands outside the landing zone (S0-65, S0-87, S0-93, S0-145)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.registry import all_streams
from tests.canaries.leaks import LEAKS
from tests.canaries.plant import FORMS, SPLIT
from tests.canaries.run import LEAST_CANARIES, CanaryRun, canary_run, controls


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> CanaryRun:
    return canary_run(tmp_path_factory.mktemp("canaries"))


@pytest.mark.xdist_group("canaries")
def test_no_canary_stands_outside_landing(done: CanaryRun) -> None:
    hits = done.hits()
    assert done.told(hits) == []


@pytest.mark.xdist_group("canaries")
def test_every_stream_and_form_was_planted_and_landed(done: CanaryRun) -> None:
    assert {canary.stream for canary in done.canaries} == {s.name for s in all_streams()}
    assert {canary.form for canary in done.canaries} == {*FORMS, SPLIT}
    assert len(done.canaries) > LEAST_CANARIES
    assert done.landed() > 0.95 * len(done.canaries)
    assert (done.run.published).exists()  # what would have been published was searched, too


@pytest.mark.parametrize("leak", LEAKS)
def test_the_search_finds_a_control_leak(
    leak: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.canaries.run.LEAKS", {leak: LEAKS[leak]})
    assert controls(tmp_path) == {leak: True}
