"""The matcher's calibration as an asset of its own, on a schedule of its own."""

import dagster as dg

from ingest.settings import Settings
from orchestration.matching.command import calibrate_and_keep


@dg.asset(
    key=["matching", "calibration"],
    group_name="calibration",
    deps=[dg.AssetKey(["matching", "int_matching__side"])],
    kinds={"duckdb"},
    description="Clocks and weights of the heuristic matcher, and a blindfold test of it.",
)
def calibration(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    writer_lock: dg.ResourceParam[None],
) -> dg.MaterializeResult[None]:
    """Calibrate and keep the version; the first is pinned, later ones by ``callstory calibrate``.

    A new pin makes everything anew, which is a person's decision and not a schedule's.
    """
    del writer_lock  # held for its effect: the warehouse must not change meanwhile
    kept = calibrate_and_keep(settings)
    for line in kept.lines():
        context.log.info(line)
    return dg.MaterializeResult(metadata={"version": kept.version, "pinned": kept.pinned})


calibrate = dg.define_asset_job(
    "calibrate",
    selection=dg.AssetSelection.assets(calibration),
    description="Calibrate the heuristic matcher on the calls whose keys are known.",
    tags={"writer": "duckdb"},
)

calibrate_weekly = dg.ScheduleDefinition(
    job=calibrate, cron_schedule="0 6 * * 0", execution_timezone="UTC", name="calibrate_weekly"
)
