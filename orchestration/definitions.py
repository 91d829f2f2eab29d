"""Assembles the code location; holds no logic."""

from __future__ import annotations

from typing import Any

import dagster as dg

from orchestration.assets.gates import gates
from orchestration.assets.landing import landing_assets
from orchestration.assets.matching import calibrate, calibrate_weekly, calibration
from orchestration.assets.publish import snapshot
from orchestration.assets.redaction import redaction_assets
from orchestration.assets.warehouse import warehouse_assets
from orchestration.progress import step_lines
from orchestration.resources import DBT_DIR, Dbt, RunSettings, WriterLock, dbt_project
from orchestration.retention import retain, retention_nightly
from orchestration.schedules import daily, nightly, rebuild


def build_defs(**overrides: Any) -> dg.Definitions:
    """The code location; ``overrides`` replaces resources by key (tests)."""
    project = dbt_project()
    settings = RunSettings()
    resources = {
        "settings": settings,
        "writer_lock": WriterLock(settings=settings),
        "dbt": Dbt(project_dir=str(project.project_dir), profiles_dir=str(DBT_DIR)),
    }
    return dg.Definitions(
        assets=[
            *landing_assets(),
            *redaction_assets(),
            warehouse_assets(project),
            snapshot,
            calibration,
        ],
        asset_checks=[gates],
        jobs=[daily, rebuild, retain, calibrate],
        schedules=[nightly, retention_nightly, calibrate_weekly],
        loggers={"step_lines": step_lines},
        # One process a run: steps share the DuckDB file, and a process costs seconds of imports.
        executor=dg.in_process_executor,
        resources={**resources, **overrides},
    )


defs = build_defs()
