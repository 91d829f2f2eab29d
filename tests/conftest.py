"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def contracts_dir() -> Path:
    """The providers' own specifications and samples, which lie beside the project."""
    path = Path(os.environ.get("CALLSTORY_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    if path.is_dir():
        return path
    if os.environ.get("CALLSTORY_REQUIRE_CONTRACTS"):
        pytest.fail(f"CALLSTORY_REQUIRE_CONTRACTS is set and there is no folder {path}")
    pytest.skip("no contracts folder: set CALLSTORY_CONTRACTS to the providers' samples")
