"""The gate report: what was checked, what failed, where to look. Keys and counts, never values.

One JSON file a build, ``<data>/gates/<build_id>.json``. Publication reads it as plain data; people
read ``summary.py``'s text. Running gates does not belong here.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warn"]
MAX_OFFENDERS = 20


@dataclass(frozen=True)
class GateResult:
    """One line of the report.

    A check that passed has one line for the whole warehouse (``day`` and ``route`` are None); one
    that failed has a line for each day (and route) it failed on. ``checked`` and ``failed`` count
    rows of the checked relation, ``threshold`` is the largest tolerated share in [0, 1], and
    ``offenders`` holds record keys, at most ``MAX_OFFENDERS`` of them. ``accepted`` tells of the
    exception by which a line passes that would have failed.
    """

    name: str
    check: str
    passed: bool
    severity: Severity
    checked: int
    failed: int
    threshold: float
    what_to_do: str
    day: str | None = None
    route: str | None = None
    offenders: tuple[str, ...] = ()
    accepted: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether this line alone withholds publication."""
        return not self.passed and self.severity == "error"

    def sentence(self) -> str:
        """Which gate, which day, how many: one line for people."""
        where = f" on {self.day}" if self.day else ""
        where += f", route {self.route}" if self.route else ""
        allowed = f" (allowed {self.threshold:.1%})" if self.threshold else ""
        return f"{self.name}/{self.check}{where}: {self.failed:,} of {self.checked:,}{allowed}"


@dataclass(frozen=True)
class Coverage:
    """What gates looked at that did not look at everything.

    ``calls`` of ``days`` (YYYY-MM-DD) changed since ``since_build``, a published build.
    """

    calls: int
    since_build: str
    days: tuple[str, ...]

    def sentence(self) -> str:
        """How many calls, since when."""
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        return f"{calls} changed since build {self.since_build}"


@dataclass(frozen=True)
class GateReport:
    """Every gate's lines for one build.

    ``created_at`` is UTC; ``rules`` names the rules the gates went by (``rules.py``); ``coverage``
    is None when they looked at the whole warehouse; ``limits`` are those that held, with their
    version (``limits.py``).
    """

    build_id: str
    created_at: datetime
    gates: tuple[GateResult, ...]
    rules: str | None = None
    coverage: Coverage | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def covers(self) -> str:
        """What the gates looked at: ``whole``, or which changes."""
        return self.coverage.sentence() if self.coverage else "whole"

    @property
    def passed(self) -> bool:
        """True when there are lines and none of them blocks."""
        return bool(self.gates) and not any(gate.blocks for gate in self.gates)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return {
            "build_id": self.build_id,
            "created_at": self.created_at.astimezone(UTC).isoformat(),
            "passed": self.passed,
            "covers": self.covers,
            "since_build": self.coverage.since_build if self.coverage else None,
            "calls": self.coverage.calls if self.coverage else None,
            "days": list(self.coverage.days) if self.coverage else [],
            "rules": self.rules,
            "limits": dict(self.limits),
            "gates": [asdict(gate) | {"offenders": list(gate.offenders)} for gate in self.gates],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GateReport:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: when ``data`` is not a report.
        """
        gates = tuple(
            GateResult(**{**gate, "offenders": tuple(gate["offenders"])}) for gate in data["gates"]
        )
        coverage = None
        if data.get("since_build"):
            coverage = Coverage(data["calls"], data["since_build"], tuple(data["days"]))
        created_at = datetime.fromisoformat(data["created_at"])
        limits = dict(data.get("limits") or {})
        return cls(data["build_id"], created_at, gates, data.get("rules"), coverage, limits)


def report_path(folder: Path, build_id: str) -> Path:
    """Where the report of a build lies."""
    return folder / f"{build_id}.json"


def write_report(report: GateReport, folder: Path) -> Path:
    """Write the report whole or not at all, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = report_path(folder, report.build_id)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".report-")
    with os.fdopen(handle, "w") as file:
        json.dump(report.to_json(), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
    return path
