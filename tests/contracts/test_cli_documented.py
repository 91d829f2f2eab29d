"""Every command has help and stands in the README."""

from __future__ import annotations

import pytest

from serve.cli import main
from tests.conftest import ROOT


@pytest.mark.parametrize("name", sorted(main.commands))
def test_command_is_documented(name: str) -> None:
    assert main.commands[name].help
    assert f"`callstory {name}" in (ROOT / "README.md").read_text()


def test_the_readme_names_no_command_that_is_not_there() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    named = {line.split()[2].strip("`") for line in lines if line.startswith("| `callstory ")}
    assert named == set(main.commands)
