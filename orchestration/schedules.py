"""What runs when: the daily job over yesterday and a look-back, as one run of a range."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from ingest.settings import variable
from orchestration.partitions import DAYS

# A run with this tag builds everything anew, whatever the warehouse holds.
FULL_REFRESH = "callstory/full_refresh"
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("calibration"),
    description="Land, redact, build, gate and publish the days of the run.",
    tags={"writer": "duckdb"},
)

# The same without asking any provider: what an erasure needs to leave nothing behind.
rebuild = dg.define_asset_job(
    "rebuild",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("landing", "calibration"),
    description="Redact, build everything anew, gate and publish what has landed.",
    tags={"writer": "duckdb", FULL_REFRESH: "true"},
)


def range_tags(first: str, last: str) -> dict[str, str]:
    """The run tags that make one run cover the days ``first`` to ``last``, both included."""
    return {RANGE_START: first, RANGE_END: last}


@dg.schedule(job=daily, cron_schedule="0 3 * * *", execution_timezone="UTC")
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Yesterday and the look-back: providers finalise late, some by hours, some by days."""
    lookback = int(variable("CALLSTORY_LOOKBACK_DAYS"))
    yesterday = context.scheduled_execution_time.date() - timedelta(days=1)
    first = max(yesterday - timedelta(days=lookback), DAYS.start.date())
    if yesterday < first:
        return dg.SkipReason("yesterday is before CALLSTORY_START_DATE")
    return dg.RunRequest(
        run_key=yesterday.isoformat(), tags=range_tags(first.isoformat(), yesterday.isoformat())
    )
