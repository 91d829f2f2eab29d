"""The parsed dbt project: whoever looks finds it whole or not at all, also while it is parsed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("orchestration")

PROJECT = "name: small\nversion: '1.0'\nconfig-version: 2\nprofile: small\n"
PROFILE = "small: {target: dev, outputs: {dev: {type: duckdb, path: small.duckdb}}}\n"
PARSE = """
import pathlib, sys
import orchestration.resources as resources
resources.DBT_DIR = pathlib.Path(sys.argv[1])
resources.dbt_project()
"""


def test_nobody_meets_half_a_manifest(tmp_path: Path) -> None:
    """A run that is killed while dbt writes must not leave half of one for every later run."""
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "profiles.yml").write_text(PROFILE)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text("select 1 as one")
    manifest = tmp_path / "target" / "manifest.json"
    parsing = subprocess.Popen([sys.executable, "-c", PARSE, str(tmp_path)], cwd=ROOT)
    while parsing.poll() is None:
        if manifest.exists():
            json.loads(manifest.read_text())
        time.sleep(0.002)
    assert parsing.returncode == 0
    assert "model.small.one" in json.loads(manifest.read_text())["nodes"]
    assert [path.name for path in manifest.parent.glob("parse-*")] == []
