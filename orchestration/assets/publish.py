"""Publication: hands the warehouse and the gate report of its build to ``serve.publish``."""

import json

import dagster as dg

from ingest.settings import Settings
from orchestration.assets.gates import CHECKS
from orchestration.build import keep_call_ids, read_stamp
from orchestration.partitions import DAYS, SINGLE_RUN
from orchestration.summary import reconciled
from serve.changes import changes_since
from serve.publish import PublishRefused, publish
from serve.zone import open_zone

MARTS = (
    "call_alias",
    "call_completeness",
    "call_erasure",
    "call_event",
    "call_link",
    "call_record",
    "call_redirect",
    "call_turn",
    "gate_exception",
    "identity_conflict",
    "match_calibration",
    "match_quality",
)


@dg.asset(
    key=["published", "snapshot"],
    group_name="published",
    deps=sorted({dg.AssetKey(["marts", mart]) for mart in MARTS} | set(CHECKS.values())),
    partitions_def=DAYS,
    backfill_policy=SINGLE_RUN,
    kinds={"duckdb", "parquet"},
    description="An immutable snapshot of the marts that passed the gates, behind one pointer.",
)
def snapshot(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer_lock: dg.ResourceParam[None],
) -> dg.MaterializeResult[None]:
    """Publish the build in the warehouse; refused without a passing report for that very build."""
    del writer_lock  # held for its effect
    build = read_stamp(settings.warehouse)
    path = settings.data_dir / "gates" / f"{build}.json"
    zone = open_zone(settings.published, settings.s3_endpoint_url)
    base = changes_since(settings.warehouse, zone)
    keep_call_ids(settings, build, base.sequence if base else None)
    try:
        result = publish(
            settings.warehouse,
            settings.published,
            build,
            json.loads(path.read_text()) if path.exists() else None,
            settings.keep_versions,
            settings.s3_endpoint_url,
        )
    except PublishRefused as error:
        raise dg.Failure(
            description=str(error),
            metadata={"what_to_do": "read the gate report, mend the cause, run the day again"},
            allow_retries=False,
        ) from error
    context.log.info(f"published {build}" if result.changed else f"unchanged: {build} is current")
    return dg.MaterializeResult(
        metadata={
            "build_id": build,
            "changed": result.changed,
            "reconciled": reconciled(settings.warehouse),
        }
    )
