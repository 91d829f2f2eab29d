"""A clean warehouse built once, copied for each test that plants a fault in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from expectations.acceptance import Acceptance
from expectations.gates import run_gates
from expectations.limits import BLOCK, WARN, WITHHELD, Limits
from expectations.report import GateReport, GateResult
from expectations.session import Session
from serve.publish import publish
from tests.serve.fixture_warehouse import BUILD, build_warehouse, execute

NEW_BUILD = "build-b"
LIMITS = Limits("2026-01-01.2", {BLOCK: 0.05, WARN: 0.01, WITHHELD: 0.005})


@dataclass
class Estate:
    """A published clean build, and a warehouse that already counts as the next one."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "published"

    def plant(self, statement: str, *parameters: object) -> None:
        execute(self.warehouse, statement, *parameters)

    def gate(self, accepted: Sequence[Acceptance] = (), *, docs: bool = False) -> GateReport:
        """Run the gates; Data Docs, which cost as much as a gate, only for who reads them."""
        with nullcontext() if docs else patch.object(Session, "keep_docs"):
            return run_gates(
                self.warehouse, NEW_BUILD, self.folder / "gates", limits=LIMITS, accepted=accepted
            )

    def current(self) -> dict[str, bytes]:
        """The pointer and every byte behind it."""
        link = self.published / "current"
        files = {p: p.read_bytes() for p in link.resolve().rglob("*") if p.is_file()}
        return {str(path): data for path, data in files.items()} | {
            "": str(link.readlink()).encode()
        }

    def manifest(self) -> dict:
        return json.loads((self.published / "current" / "manifest.json").read_text())

    def publish(self, report: dict | None) -> None:
        publish(self.warehouse, str(self.published), NEW_BUILD, report, 5)


@pytest.fixture(scope="session")
def clean_estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    warehouse = build_warehouse(folder / "warehouse.duckdb", calls=100)
    report = run_gates(warehouse, BUILD, folder / "gates", limits=LIMITS)
    publish(warehouse, str(folder / "published"), BUILD, report.to_json(), 5)
    execute(warehouse, "update meta.build set build_id = ?", NEW_BUILD)
    return folder


@pytest.fixture
def estate(clean_estate: Path, tmp_path: Path) -> Estate:
    shutil.copytree(clean_estate, tmp_path / "estate", symlinks=True)
    return Estate(tmp_path / "estate")


def blocking(report: GateReport) -> list[GateResult]:
    return [line for line in report.gates if line.blocks]


Planted = Callable[[Estate], None]
