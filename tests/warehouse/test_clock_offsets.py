"""Clocks that disagree are measured against each other (DESIGN, Time)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.simulator.faults import SKEW_MS
from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")

QUERY = """
select source_system, reference_date, pair_count, clock_offset_ms
from events.int_events__clock_offset
where has_enough_pairs
"""
TRUE_OFFSETS = {
    "agent": SKEW_MS["livekit"] - SKEW_MS["twilio"],
    "trace": SKEW_MS["otlp"] - SKEW_MS["twilio"],
    "ivr": SKEW_MS["amazon_connect"] - SKEW_MS["twilio"],
}


def offsets(warehouse: Path) -> list[tuple[str, str, int, int]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(QUERY).fetchall()


def test_clocks_that_agree_are_left_alone(clean_warehouse: Path) -> None:
    assert {offset for *_, offset in offsets(clean_warehouse)} <= {0}


def test_skewed_clocks_are_measured_to_the_second_that_the_slower_one_shows(
    faulty_run: PipelineRun,
) -> None:
    measured = offsets(faulty_run.settings.warehouse)
    assert {system for system, *_ in measured} == set(TRUE_OFFSETS)
    for system, day, _, offset in measured:
        assert offset == pytest.approx(TRUE_OFFSETS[system], abs=1000), (system, day)


def test_the_time_that_the_provider_gave_is_never_altered(faulty_run: PipelineRun) -> None:
    with duckdb.connect(str(faulty_run.settings.warehouse), read_only=True) as connection:
        changed = connection.execute(
            "select count(*) from marts.call_event"
            " where epoch_us(aligned_at) != epoch_us(occurred_at) - clock_offset_ms * 1000"
        ).fetchone()
    assert changed == (0,)
