"""Every dbt model as an asset; dbt's tests are its checks."""

import os
import shutil
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from ingest.settings import Settings
from orchestration.build import (
    Stamp,
    accepted_dir,
    build_id,
    call_ids_dir,
    context_id,
    holds,
    prepare,
    redacted_dir,
    stamp,
)
from orchestration.matching.versions import pinned_dir
from orchestration.partitions import DAYS, SINGLE_RUN
from orchestration.resources import DBT_DIR, Dbt
from orchestration.schedules import FULL_REFRESH


class Translator(DagsterDbtTranslator):
    """dbt node -> asset key and group: the layer's folder, then the model's name."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources keep the key that their ``meta`` gives; models are ``<layer>/<name>``."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer is the group."""
        return _layer(dbt_resource_props)


def _layer(props: Mapping[str, Any]) -> str:
    return "seeds" if props["resource_type"] == "seed" else str(props["fqn"][1])


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What the dbt project reads from its environment."""
    return {
        "CALLSTORY_WAREHOUSE": str(settings.warehouse.resolve()),
        "CALLSTORY_REDACTED_DIR": str(redacted_dir(settings)),
        "CALLSTORY_CALL_IDS_DIR": str(call_ids_dir(settings)),
        "CALLSTORY_ACCEPTED_DIR": str(accepted_dir(settings)),
        "CALLSTORY_TRACE_SAMPLE_RATE": str(settings.trace_sample_rate),
        "CALLSTORY_TURN_TEXT": settings.turn_text,
        "CALLSTORY_HEURISTIC_LINKS": settings.heuristic_links,
        "CALLSTORY_MATCHING_DIR": str(pinned_dir(settings)),
        "DBT_PROFILES_DIR": str(DBT_DIR),
    }


def build_command(*, partial: bool) -> list[str]:
    """Dbt's arguments. Unit tests are of the code, not of the day: ``make test`` runs them."""
    command = ["build", "--exclude-resource-types", "unit_test"]
    return command if partial else [*command, "--full-refresh"]


def _dbt_folder(data_dir: Path, parsed_in: Path) -> Path:
    """Where dbt works for this warehouse, with what the project's own folder knows of parsing.

    dagster-dbt would copy that file with its mode, by which a user's own ``dbt parse`` may have
    made it readable by all.
    """
    folder = (data_dir / "dbt").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    parsed, own = (place / "partial_parse.msgpack" for place in (parsed_in, folder))
    if parsed.exists() and not own.exists():
        shutil.copyfile(parsed, own)
    return folder


def _unchanged(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Each selected asset, after those that it depends on: later steps wait for all of them.

    Their checks have passed, or the warehouse would not name this build as finished.
    """
    specs = context.assets_def.specs
    graph = {spec.key: {dep.asset_key for dep in spec.deps} for spec in specs}
    for key in TopologicalSorter(graph).static_order():
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key)
    for check in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(asset_key=check.asset_key, check_name=check.name, passed=True)


def warehouse_assets(project: DbtProject) -> dg.AssetsDefinition:
    """The dbt project as one step that builds every model and runs every dbt test."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="warehouse",
        partitions_def=DAYS,
        backfill_policy=SINGLE_RUN,
        dagster_dbt_translator=Translator(),
    )
    def warehouse(
        context: dg.AssetExecutionContext,
        dbt: Dbt,
        settings: dg.ResourceParam[Settings],
        writer_lock: dg.ResourceParam[None],
    ) -> Iterator[Any]:
        del writer_lock  # held for its effect
        os.environ.update(dbt_environment(settings))
        folder = redacted_dir(settings)
        build, content = build_id(settings, folder), context_id(settings, folder)
        anew = FULL_REFRESH in context.run.tags
        if not anew and holds(settings.warehouse, build, content):
            yield from _unchanged(context)
            context.log.info(f"nothing new since build {build}")
            return
        partial = prepare(settings.warehouse, content, anew=anew)
        # Always the same folder: dbt goes on from what it parsed for this warehouse the last time.
        target = _dbt_folder(settings.data_dir, project.manifest_path.parent)
        command = build_command(partial=partial)
        yield from dbt.cli(command, context=context, target_path=target).stream()
        window = context.partition_key_range
        stamp(settings.warehouse, Stamp(build, f"{window.start}..{window.end}", content))
        context.log.info(f"built {build}" + ("" if partial else ", everything anew"))

    return warehouse
