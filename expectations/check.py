"""What a check is: a Great Expectations verdict and a SQL count that must agree.

Great Expectations answers only yes or no (``BOOLEAN_ONLY``: every richer format repeats the values
it caught, S0-145), so counts and record keys come from SQL. When the two disagree the check failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from expectations.report import MAX_OFFENDERS, GateResult, Severity
from expectations.scan import told_key

DISAGREE = (
    "Great Expectations failed this check and SQL counts nothing: open the Data Docs, and read the"
    " expectation in expectations/."
)


@dataclass(frozen=True)
class Check:
    """One thing that must be true.

    Attributes:
        states: the sentence that must hold, as the Data Docs show it.
        expectations: builds them, given the module ``great_expectations.expectations``.
        measure: SQL with the columns day, route, checked, failed, is_failing, offenders, note and,
            where a check knows exceptions, the one that lets the row pass; one row a day (and
            route).
    """

    name: str
    states: str
    expectations: Callable[[Any], list[Any]]
    measure: str
    what_to_do: str
    severity: Severity = "error"
    threshold: float = 0.0


@dataclass(frozen=True)
class Gate:
    """One suite: checks over a warehouse file; ``asset`` is the query that the suite validates."""

    name: str
    database: Path
    asset: str
    checks: Sequence[Check]


def no_rows(query: str) -> Callable[[Any], list[Any]]:
    """An expectation that ``query`` has no rows. It must select no value of a record."""
    escaped = query.replace("{", "{{").replace("}", "}}")
    return lambda gxe: [gxe.UnexpectedRowsExpectation(unexpected_rows_query=escaped)]


def results(gate: Gate, verdicts: dict[str, bool]) -> Iterator[GateResult]:
    """The report's lines: one for a check that passed, one a day and route for one that failed.

    A check without a verdict counts as failed.
    """
    with duckdb.connect(str(gate.database), read_only=True) as connection:
        for check in gate.checks:
            rows = connection.execute(check.measure).fetchall()
            yield from _lines(gate.name, check, rows, passed=verdicts.get(check.name, False))


def _lines(
    gate: str, check: Check, rows: list[tuple[Any, ...]], *, passed: bool
) -> Iterator[GateResult]:
    failing = [row for row in rows if row[4] is not False]
    for row in rows:
        if row[4] is False and row[7:] and row[7] is not None:
            yield _line(gate, check, row, passed=True)
    if passed and not failing:
        counted = sum(int(row[2] or 0) for row in rows), sum(int(row[3] or 0) for row in rows)
        yield _line(gate, check, (None, None, *counted, False, None, None), passed=True)
    elif failing:
        for row in failing:
            yield _line(gate, check, row, passed=False)
    else:
        yield _line(gate, check, (None, None, 0, 0, True, None, DISAGREE), passed=False)


def _line(gate: str, check: Check, row: tuple[Any, ...], *, passed: bool) -> GateResult:
    day, route, checked, failed, _, offenders, note, *accepted = row
    return GateResult(
        name=gate,
        check=check.name,
        passed=passed,
        severity=check.severity,
        day=None if day is None else str(day),
        route=None if route is None else str(route),
        checked=int(checked or 0),
        failed=int(failed or 0),
        threshold=check.threshold,
        what_to_do=" ".join(filter(None, [note, check.what_to_do])),
        offenders=tuple(map(told_key, offenders or ()))[:MAX_OFFENDERS],
        accepted=accepted[0] if accepted else None,
    )
