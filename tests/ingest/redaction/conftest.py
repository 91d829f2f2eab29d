"""Landed estates, made once for all redaction tests. Tests do not write into them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.redaction.estates import landed_estate


@pytest.fixture(scope="session")
def estates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Profile -> home folder with a landed estate."""
    return {
        profile: landed_estate(tmp_path_factory.mktemp(profile), profile)
        for profile in ("clean", "faulty")
    }
