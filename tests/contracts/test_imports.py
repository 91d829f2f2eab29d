"""Who may import whom: ``orchestration -> {ingest, expectations, serve}``; light read side."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HEAVY = {"dagster", "dagster_dbt", "dbt", "great_expectations", "pandas"}
# Seconds to import; the detector loads them with the first text that they could see something in.
SLOW = {"presidio_analyzer", "spacy", "tldextract", "phonenumbers"}
# What the gate's detector still flags goes no further than the redaction step, whoever runs it.
WITHHOLDING = "expectations.withholding"
# The read side needs the settings, the store and the token of a number, nothing else of ingest.
SERVE_MAY = {"ingest.settings", "ingest.store", "ingest.redaction.tokens"}
# The commands on raw records are no reading side: they load what they need when they are called.
ACCESS = "serve/cli_access.py"


def imports(path: Path, *, top_level: bool) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", ["ingest", "serve"])
def test_folder_never_imports_the_orchestrator_or_the_engines(folder: str) -> None:
    allowed = {
        ("serve/cli.py", "orchestration.run"),
        ("serve/cli_matching.py", "orchestration.matching.command"),
        (ACCESS, "orchestration.run"),
        (ACCESS, "orchestration.erasure"),
        (ACCESS, "orchestration.erasure.order"),
        ("ingest/redaction/objects.py", WITHHOLDING),
        ("ingest/redaction/policy.py", WITHHOLDING),
    }
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in files(folder)
        for name in imports(path, top_level=False)
        if name.split(".")[0] in HEAVY | {"orchestration", "expectations"}
    }
    assert found - allowed <= {
        (f, n) for f, n in found if f == "serve/cli.py" and n.startswith("expectations")
    }


def test_serve_uses_only_the_light_parts_of_ingest() -> None:
    found = {
        name
        for path in files("serve")
        for name in imports(path, top_level=str(path.relative_to(ROOT)) == ACCESS)
        if name.split(".")[0] == "ingest"
    }
    assert found <= SERVE_MAY


def test_only_tests_and_the_demo_import_the_simulator() -> None:
    users = {
        str(path.relative_to(ROOT))
        for folder in ("ingest", "serve", "expectations", "orchestration")
        for path in files(folder)
        if any(name.startswith("ingest.simulator") for name in imports(path, top_level=False))
        and "simulator" not in path.parts
    }
    assert users <= {"orchestration/demo.py"}


def test_expectations_imports_great_expectations_only_when_a_gate_runs() -> None:
    heavy = {
        (str(path.relative_to(ROOT)), name)
        for path in files("expectations")
        for name in imports(path, top_level=True)
        if name.split(".")[0] in {"great_expectations", "dagster", "dbt"} | SLOW
    }
    assert heavy == set()


def test_the_command_starts_without_the_engines() -> None:
    heavy = sorted(HEAVY | SLOW)
    code = f"import sys, serve.cli; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
