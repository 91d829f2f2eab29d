"""One asset a provider stream: land the days of the run."""

import dagster as dg

from ingest.errors import PermanentError, TransientError
from ingest.landing import land_stream
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from orchestration.partitions import DAYS, SINGLE_RUN, days_of

RETRIES = 2
RETRY_WAIT_S = 30


def landing_asset(stream: Stream) -> dg.AssetsDefinition:
    """The landing asset of one stream; transient errors are retried, permanent ones are not."""

    @dg.asset(
        key=["landing", stream.provider, stream.name],
        group_name="landing",
        partitions_def=DAYS,
        backfill_policy=SINGLE_RUN,
        kinds={"python", "json"},
        description=f"{stream.name} of {stream.provider}, verbatim and immutable.",
    )
    def land(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> dg.MaterializeResult[None]:
        if stream.provider not in settings.providers:
            return dg.MaterializeResult(
                metadata={"skipped": "provider is not in CALLSTORY_PROVIDERS"}
            )
        try:
            outcome = land_stream(settings, stream, days_of(context))
        except TransientError as error:
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_WAIT_S) from error
        except PermanentError as error:
            raise dg.Failure(
                description=f"{stream.provider}.{stream.name}: {error}",
                metadata={"what_to_do": "mend what the message names, then run the day again"},
                allow_retries=False,
            ) from error
        context.log.info(
            f"landed {outcome.records_landed} new of {outcome.records_seen} records"
            + (f", {outcome.rejected} rejected" if outcome.rejected else "")
        )
        return dg.MaterializeResult(
            metadata={
                "records_seen": outcome.records_seen,
                "records_landed": outcome.records_landed,
                "rejected": outcome.rejected,
                "bytes": outcome.bytes,
                "objects": len(outcome.objects),
                "days_touched": ", ".join(sorted(day.isoformat() for day in outcome.days_touched)),
            }
        )

    return land


def landing_assets() -> list[dg.AssetsDefinition]:
    """One asset for every stream of the registry."""
    return [landing_asset(stream) for stream in all_streams()]
