"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness import PipelineRun
    from tests.incremental.runner import DbtBuilds

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")


def pytest_configure() -> None:
    """Keep temporary files in memory where there is room: the tests write many small ones."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 8 << 30
    if roomy:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def contracts_dir() -> Path:
    """The providers' own specifications and samples, which lie beside the project."""
    path = Path(os.environ.get("CALLSTORY_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    if path.is_dir():
        return path
    if os.environ.get("CALLSTORY_REQUIRE_CONTRACTS"):
        pytest.fail(f"CALLSTORY_REQUIRE_CONTRACTS is set and there is no folder {path}")
    pytest.skip("no contracts folder: set CALLSTORY_CONTRACTS to the providers' samples")


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtBuilds:
    """dbt in this process, which parses the project once for all that build by it."""
    from tests.incremental.runner import DbtBuilds  # starts dbt, which most tests do without

    return DbtBuilds(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def clean_run(tmp_path_factory: pytest.TempPathFactory) -> PipelineRun:
    """A clean estate of 60 calls a day, run over both days."""
    from tests.harness import new_run  # starts Dagster, which most tests do without

    run = new_run(tmp_path_factory.mktemp("clean"), calls=60, seed=11)
    result = run.run()
    assert result.returncode == 0, result.stdout + result.stderr
    return run


@pytest.fixture(scope="session")
def clean_warehouse(clean_run: PipelineRun) -> Path:
    """The warehouse file of the clean estate."""
    return clean_run.settings.warehouse


@pytest.fixture(scope="session")
def clean_estate(clean_run: PipelineRun) -> Path:
    """The clean estate's folder (``truth/`` is the answer key)."""
    return clean_run.estate


@pytest.fixture(scope="session")
def faulty_run(dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory) -> PipelineRun:
    """An estate of 150 calls a day with every fault at its usual rate: both days, up to the gates.

    Each step but publication, in this process: a command would cost as much again to start.
    """
    from tests.harness import built_and_gated, new_run  # starts Dagster, as above

    run = new_run(tmp_path_factory.mktemp("faulty"), calls=150, seed=12, profile="faulty")
    report = built_and_gated(run, dbt)
    assert report.passed, report.to_json()
    return run
