"""Running the same days again changes nothing (promise 2)."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.harness import PipelineRun

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


def test_a_build_from_an_empty_warehouse_gives_the_same_tables(clean_run: PipelineRun) -> None:
    """Content hash of every published table, rebuilt from the redacted zone alone."""
    before = clean_run.manifest()["tables"]
    other = clean_run.home / "rebuilt"
    result = clean_run.run(
        CALLSTORY_WAREHOUSE=str(other / "warehouse.duckdb"),
        CALLSTORY_PUBLISHED=str(other / "published"),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    after = json.loads((other / "published" / "current" / "manifest.json").read_text())["tables"]
    assert {t: v["content_hash"] for t, v in after.items()} == {
        t: v["content_hash"] for t, v in before.items()
    }
