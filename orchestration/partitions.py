"""Daily partitions: one a UTC day, the provider's own date of a record."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg

from ingest.settings import variable

DAYS = dg.DailyPartitionsDefinition(start_date=variable("CALLSTORY_START_DATE"))
SINGLE_RUN = dg.BackfillPolicy.single_run()


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """The days a run covers, first to last, for one day and for a range alike."""
    window = context.partition_key_range
    first, last = date.fromisoformat(window.start), date.fromisoformat(window.end)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
