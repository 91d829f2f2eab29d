"""Retention as a Dagster job of its own, beside the daily one."""

import dagster as dg

from ingest.settings import Settings


@dg.op(description="Remove what is past its retention from landing and everything derived.")
def remove_expired(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Run ``callstory retain --apply``; fails when something is left to do."""
    from orchestration.erasure.commands import retain

    for line in retain(settings, apply=True):
        context.log.info(line)


@dg.job(
    description="Retention: removes what is past its date, under the classes in retention.yml.",
    tags={"writer": "duckdb"},
)
def retain() -> None:
    """One step; it waits for the writer lock itself and starts ``rebuild``."""
    remove_expired()


# Stopped until somebody has read retention.yml and wants it.
retention_nightly = dg.ScheduleDefinition(
    job=retain, cron_schedule="0 5 * * *", execution_timezone="UTC", name="retention_nightly"
)
