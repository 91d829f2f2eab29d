"""Running the same days again changes nothing (promise 2)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.harness import PipelineRun
from tests.incremental.runner import DbtBuilds
from tests.pipeline.reference import built_whole, published_hashes

pytestmark = pytest.mark.xdist_group("pipeline")


def listing(folder) -> dict[str, int]:
    return {
        str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()
    }


def test_the_same_days_land_and_publish_nothing_new(clean_run: PipelineRun) -> None:
    settings, before = clean_run.settings, clean_run.manifest()
    landed = {
        k for k in listing(clean_run.home / "data" / "landing") if not k.startswith("_outcomes")
    }
    pointer = (clean_run.published.parent).resolve()

    result = clean_run.run()

    assert result.returncode == 0, result.stdout + result.stderr
    assert "nothing new since build" in result.stdout
    after = {
        k for k in listing(clean_run.home / "data" / "landing") if not k.startswith("_outcomes")
    }
    assert after == landed
    assert clean_run.published.parent.resolve() == pointer
    assert clean_run.manifest() == before
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        assert connection.execute("select build_id from meta.build").fetchone() == (
            before["build_id"],
        )


def test_a_build_from_an_empty_warehouse_gives_the_same_tables(
    clean_run: PipelineRun, dbt: DbtBuilds, tmp_path: Path
) -> None:
    """Content hash of every published table, rebuilt from the redacted zone alone."""
    rebuilt = built_whole(clean_run.settings, tmp_path / "warehouse.duckdb", dbt)
    assert rebuilt == published_hashes(clean_run.manifest())
