"""Daily partitions: one a UTC day, the provider's own date of a record."""

from __future__ import annotations

import os
from datetime import date, timedelta

import dagster as dg

from ingest.settings import VARIABLES

# Read when the code is loaded, before settings are checked: a wrong value must not hide the UI.
_START = os.environ.get("CALLSTORY_START_DATE") or VARIABLES["CALLSTORY_START_DATE"][0]

DAYS = dg.DailyPartitionsDefinition(start_date=_START)
SINGLE_RUN = dg.BackfillPolicy.single_run()


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """The days a run covers, first to last, for one day and for a range alike."""
    window = context.partition_key_range
    first, last = date.fromisoformat(window.start), date.fromisoformat(window.end)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
