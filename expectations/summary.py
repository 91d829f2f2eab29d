"""A gate report as text that a person reads in a minute: verdict, what was checked, what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from expectations.limits import BLOCK, WARN
from expectations.report import GateReport, GateResult

WIDTH = 100
MOST_TOLD = 12
MOST_KEYS = 3


def summary(report: GateReport) -> str:
    """The report on one screen, the worst first; the JSON file has every line and key."""
    verdict = "PASSED" if report.passed else "BLOCKED, nothing new is published"
    lines = [
        f"Gates of build {report.build_id} ({report.created_at:%Y-%m-%d %H:%M} UTC): {verdict}",
        f"  Looked at: {report.covers if report.coverage else 'the whole warehouse'}",
        *_limits(report),
        "",
        *_table(report),
    ]
    failed = sorted((line for line in report.gates if not line.passed), key=_worst_first)
    if failed:
        lines += ["", "  What to do"]
        for number, line in enumerate(failed[:MOST_TOLD], start=1):
            lines += _failure(number, line)
        if len(failed) > MOST_TOLD:
            lines.append(f"      and {len(failed) - MOST_TOLD} more lines in the report")
    accepted = [line for line in report.gates if line.accepted]
    if accepted:
        lines += ["", "  Accepted by an operator, and published as they are"]
        for line in accepted:
            lines += _wrapped(f"  - {line.sentence()}; {line.accepted}", 4)
    passed = [line for line in report.gates if line.passed and not line.accepted]
    if passed:
        told = ", ".join(f"{line.check} ({line.checked:,})" for line in passed)
        lines += ["", *_wrapped(f"  Passed (how many were looked at): {told}", 4)]
    return "\n".join(lines)


def _limits(report: GateReport) -> Iterator[str]:
    if report.limits:
        yield (
            f"  Limits {report.limits['version']}: blocks over {report.limits[BLOCK]:.1%}, warns"
            f" over {report.limits[WARN]:.1%} of a day's calls on a route"
        )


def _table(report: GateReport) -> Iterator[str]:
    yield f"  {'gate':<20}{'checks':>8}{'blocking':>10}{'warnings':>10}{'accepted':>10}"
    for name in dict.fromkeys(line.name for line in report.gates):
        mine = [line for line in report.gates if line.name == name]
        checks = len({line.check for line in mine})
        blocking = sum(line.blocks for line in mine)
        warnings = sum(not line.passed and not line.blocks for line in mine)
        accepted = sum(bool(line.accepted) for line in mine)
        yield f"  {name:<20}{checks:>8}{blocking:>10}{warnings:>10}{accepted:>10}"


def _worst_first(line: GateResult) -> tuple[bool, float, str, str, str]:
    share = line.failed / line.checked if line.checked else 1.0
    return (not line.blocks, -share, line.name, line.check, line.day or "")


def _failure(number: int, line: GateResult) -> Iterator[str]:
    mark = "BLOCK" if line.blocks else "warn"
    yield from _wrapped(f"  {number:>2}. {mark:<5} {line.sentence()}", 12)
    yield from _wrapped(f"      {line.what_to_do}", 6)
    if line.offenders:
        more = len(line.offenders) - MOST_KEYS
        rest = f" (and {more} more keys in the report)" if more > 0 else ""
        yield from _wrapped(f"      Look at: {', '.join(line.offenders[:MOST_KEYS])}{rest}", 6)


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False
    )
