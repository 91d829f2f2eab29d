"""A warehouse and a report that lets it pass, without Great Expectations: fast tests."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serve.publish import publish
from tests.serve.fixture_warehouse import BUILD, BUILT_AT, build_warehouse, execute

DAY = "2026-05-01"


def passing_report(build: str = BUILD) -> dict:
    """What the gates write for a build that passed."""
    line = {"check": "all", "passed": True, "severity": "error", "checked": 9, "failed": 0}
    return {
        "build_id": build,
        "created_at": datetime.now(UTC).isoformat(),
        "passed": True,
        "gates": [{**line, "name": "redaction"}, {**line, "name": "alias_completeness"}],
    }


def restamp(warehouse: Path, build: str) -> None:
    execute(warehouse, "update meta.build set build_id = ?, built_at = ?", build, BUILT_AT)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(tmp_path_factory.mktemp("built") / "warehouse.duckdb")


@pytest.fixture
def warehouse(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path))


@pytest.fixture(scope="session")
def published(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published zone to look into; tests do not change it."""
    zone = tmp_path_factory.mktemp("published")
    publish(built, str(zone), BUILD, passing_report(), 3)
    return zone
