"""How tests ask ``callstory why``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from serve.cli import main


def why(warehouse: Path, *arguments: str, key: str = "") -> Result:
    environment = {"CALLSTORY_WAREHOUSE": str(warehouse), "CALLSTORY_TOKEN_KEY": key}
    return CliRunner().invoke(main, ["why", *arguments], env=environment)


def told(warehouse: Path, first: str, second: str, key: str = "") -> dict:
    return json.loads(why(warehouse, first, second, "--json", key=key).stdout)


def names(aliases: list[dict]) -> list[str]:
    """Namespace and value of each."""
    return [f"{alias['namespace']} {alias['aliasValue']}" for alias in aliases]
