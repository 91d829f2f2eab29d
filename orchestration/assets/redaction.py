"""One asset a provider stream: redact every landing object that has no redacted twin yet."""

import dagster as dg

from ingest.redaction import RedactionError, redact_stream
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from orchestration.partitions import DAYS, SINGLE_RUN


def redaction_asset(stream: Stream) -> dg.AssetsDefinition:
    """The redacted zone of one stream: a pure function of landing objects and policy version."""

    @dg.asset(
        key=["redacted", stream.provider, stream.name],
        group_name="redacted",
        deps=[dg.AssetKey(["landing", stream.provider, stream.name])],
        partitions_def=DAYS,
        backfill_policy=SINGLE_RUN,
        kinds={"python", "parquet"},
        description=f"{stream.name} of {stream.provider}: text redacted, identities tokenised.",
    )
    def redact(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer_lock: dg.ResourceParam[None],
    ) -> dg.MaterializeResult[None]:
        del writer_lock  # held for its effect
        try:
            outcome = redact_stream(settings, stream)
        except RedactionError as error:
            raise dg.Failure(
                description=str(error),
                metadata={
                    "what_to_do": "restore the landing objects named, then run the day again"
                },
                allow_retries=False,
            ) from error
        context.log.info(f"redacted {outcome.rows} rows of {len(outcome.objects)} new objects")
        return dg.MaterializeResult(
            metadata={
                "policy_version": outcome.policy_version,
                "objects": len(outcome.objects),
                "received": outcome.received,
                "rows": outcome.rows,
                "rejected": outcome.rejected,
                "states": outcome.states,
                "classes": outcome.classes,
                "drift": outcome.drift,
            }
        )

    return redact


def redaction_assets() -> list[dg.AssetsDefinition]:
    """One asset for every stream of the registry."""
    return [redaction_asset(stream) for stream in all_streams()]
