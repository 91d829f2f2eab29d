"""An operator's word that a day may be published although too many of its aliases are missing.

One JSON object an acceptance, never changed and never removed: ``<published>/accepted/<id>.json``.
It covers one day, route and alias, and only as large a share of missing ones as was seen when it
was given. No finding of the redaction gate can be accepted: nothing here names one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from expectations.detector import classes_in_text
from expectations.report import GateReport, GateResult

FOLDER = "accepted"
ALIASES = ("agentSessionId", "providerCallId")
ROUTES = ("ivr_only", "ivr_to_agent", "direct_to_agent", "web_call", "unknown")
LONGEST_REASON = 300
_WHO = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")


class AcceptanceError(ValueError):
    """What would be accepted, or was, is not in order. No message repeats a person's text."""


@dataclass(frozen=True)
class Acceptance:
    """One acceptance. ``missing`` of ``calls`` is the share seen; ``accepted_at`` is UTC (ISO)."""

    exception_id: str
    day: str
    route: str
    alias: str
    missing: int
    calls: int
    reason: str
    accepted_by: str
    accepted_at: str
    build_id: str
    limits_version: str

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, holds in (
                ("day", _is_day(self.day)),
                ("route", self.route in ROUTES),
                ("alias", self.alias in ALIASES),
                ("missing", 0 < self.missing <= self.calls),
                ("reason", _is_line(self.reason)),
                ("accepted_by", bool(_WHO.fullmatch(self.accepted_by))),
            )
            if not holds
        ]
        if wrong:
            raise AcceptanceError(f"an acceptance cannot have this {', '.join(wrong)}")

    def sentence(self) -> str:
        """Which exception, by whom, when, why: one line for people."""
        return (
            f"exception {self.exception_id} by {self.accepted_by} on {self.accepted_at[:10]}"
            f" ({self.missing} of {self.calls} then): {self.reason}"
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Acceptance:
        """Read what ``to_json`` wrote.

        Raises:
            AcceptanceError: when ``data`` is no acceptance.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise AcceptanceError("an acceptance has other fields") from error


def record(
    report: GateReport,
    of: tuple[str, str, str | None],
    reason: str,
    who: str,
    put: Callable[[str, bytes], bool],
) -> list[Acceptance]:
    """Accept what a report says that blocks a day, and keep it.

    Args:
        report: the newest gate report.
        of: day (YYYY-MM-DD), route and alias; None for every alias that blocks there.
        reason: why, in a line without personal data.
        who: the operator's login.
        put: keeps an object under a key of the published zone; false when the key is taken.

    Raises:
        AcceptanceError: when nothing of the kind blocks, or reason or name are not in order.
    """
    if found := classes_in_text(reason):
        raise AcceptanceError(
            "the reason is published: it must not hold personal data, and this one looks like"
            f" {', '.join(sorted(found))}"
        )
    day, route, alias = of
    blocking = [line for line in report.gates if line.blocks and _can_be_accepted(line)]
    chosen = [
        line
        for line in blocking
        if (line.day, line.route) == (day, route) and alias in {None, line.check}
    ]
    if not chosen:
        can = "; ".join(f"{line.day} {line.route} {line.check}" for line in blocking) or "nothing"
        raise AcceptanceError(
            f"nothing like that blocks build {report.build_id}. What can be accepted: {can}."
            " What the redaction gate finds never can"
        )
    version = str(report.limits.get("version", ""))
    made = [accept(line, report.build_id, version, reason, who) for line in chosen]
    for one in made:
        text = json.dumps(one.to_json()) + "\n"
        if not put(f"{FOLDER}/{one.exception_id}.json", text.encode()):
            raise AcceptanceError("an exception of this very moment is there already: try again")
    return made


def _can_be_accepted(line: GateResult) -> bool:
    return line.name == "alias_completeness" and line.check in ALIASES


def accept(
    line: GateResult, build_id: str, limits_version: str, reason: str, who: str
) -> Acceptance:
    """Accept a blocking line of a report (``report.GateResult``), now.

    Raises:
        AcceptanceError: when the line is none that can be accepted, or reason or name are not in
            order: a reason is one line of at most 300 characters, a name a login, not an address.
    """
    now = datetime.now(UTC)
    return Acceptance(
        exception_id=f"{now:%Y-%m-%d-%H-%M-%S}.{now.microsecond:06d}-{line.route}-{line.check}",
        day=str(line.day),
        route=str(line.route),
        alias=line.check,
        missing=line.failed,
        calls=line.checked,
        reason=reason.strip(),
        accepted_by=who,
        accepted_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        build_id=build_id,
        limits_version=limits_version,
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except (TypeError, ValueError):
        return False


def _is_line(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_REASON and text.isprintable()
