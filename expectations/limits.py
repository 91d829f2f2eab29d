"""The gates' limits, as configuration with a history (``limits.yml``).

A report and a published version carry the limits that held, and a version that names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

HISTORY = Path(__file__).with_name("limits.yml")
BLOCK, WARN = "alias_missing_block", "alias_missing_warn"
WITHHELD = "turns_withheld_block"
NAMES = (BLOCK, WARN, WITHHELD)
_KEYS = {"limit", "value", "since", "who", "why"}


class LimitsError(ValueError):
    """The history of limits cannot be used; the message names the line and what is wrong."""


@dataclass(frozen=True)
class Limits:
    """The limits that hold on a day: shares in [0, 1] by name, and the version that names them.

    ``version`` is the day since which the newest of them holds, and how many lines of the history
    had come true by then: lines are only ever added.
    """

    version: str
    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def to_json(self) -> dict[str, Any]:
        """As reports and manifests carry it."""
        return {"version": self.version, **self.values}


def limits(day: date, history: Path = HISTORY) -> Limits:
    """The limits that hold on ``day`` (UTC).

    Raises:
        LimitsError: when a line is incomplete or a limit has no value on that day.
    """
    held: dict[str, dict[str, Any]] = {}
    count = 0
    for number, line in enumerate(yaml.safe_load(history.read_text()) or [], start=1):
        _check(number, line)
        before = held.get(line["limit"])
        count += line["since"] <= day
        if line["since"] <= day and (before is None or line["since"] >= before["since"]):
            held[line["limit"]] = line
    missing = [name for name in NAMES if name not in held]
    if missing:
        raise LimitsError(f"no value for {', '.join(missing)} on {day}")
    newest = max(line["since"] for line in held.values())
    values = {name: float(held[name]["value"]) for name in sorted(held)}
    return Limits(f"{newest}.{count}", values)


def _check(number: int, line: Any) -> None:
    if not isinstance(line, dict) or set(line) != _KEYS or not all(map(str, line.values())):
        raise LimitsError(f"limit {number}: needs {', '.join(sorted(_KEYS))} and nothing else")
    if line["limit"] not in NAMES:
        raise LimitsError(f"limit {number}: no such limit; there are {', '.join(NAMES)}")
    value, since = line["value"], line["since"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise LimitsError(f"limit {number}: value must be a share between 0 and 1")
    if type(since) is not date:
        raise LimitsError(f"limit {number}: since must be a day, YYYY-MM-DD")
