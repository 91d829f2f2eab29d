"""The cycle collector is slowed while records stream through, and only then."""

from __future__ import annotations

import gc

import pytest

from ingest.collector import rare_collections


def test_the_collector_runs_seldom_within_and_as_before_after() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.isenabled()
        assert gc.get_threshold()[0] >= 100 * before[0]
    assert gc.get_threshold() == before


def test_the_collector_is_put_back_after_a_failure() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="broken"), rare_collections():
        raise ValueError("broken")
    assert gc.get_threshold() == before
