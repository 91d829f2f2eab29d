"""Runs the gates over a warehouse and writes the report that publication demands.

A gate that crashes has failed: nothing here lets a build pass that was not looked at. When only
some calls changed since a published build, the gates look at those: every other row passed these
same gates in that build, and a build that did not pass is never published, so never the one since
which changes count (``scope.py`` says what is set apart, and when the whole is judged after all).
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from expectations import alias_completeness, redaction
from expectations.acceptance import Acceptance
from expectations.check import Gate, results
from expectations.limits import Limits
from expectations.report import GateReport, GateResult, report_path, write_report
from expectations.rules import rules
from expectations.scope import Scope, scope
from expectations.session import Session
from expectations.summary import summary

__all__ = ["GATES", "rules", "run_gates", "summary"]

GATES = (redaction.NAME, alias_completeness.NAME)
DOCS = "data_docs"


def run_gates(
    warehouse: Path,
    build_id: str,
    out_dir: Path,
    *,
    limits: Limits,
    accepted: Sequence[Acceptance] = (),
    since: int | None = None,
) -> GateReport:
    """Run every gate and write ``<out_dir>/<build_id>.json`` and ``<out_dir>/data_docs``.

    Args:
        warehouse: the DuckDB file with the schema ``marts``, open nowhere else to write.
        build_id: the build that the report speaks of.
        out_dir: folder of the reports.
        limits: the limits that hold today (``limits.limits``).
        accepted: every acceptance that operators gave.
        since: place in ``meta.build_log`` of a published build that passed under the same
            ``rules``, to look only at what changed after it; None to look at everything.
    """
    # A run that dies half-way must not leave the passing report of an earlier one.
    report_path(out_dir, build_id).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="callstory-gates-") as name:
        folder = Path(name)
        looked_at = scope(warehouse, folder, since)
        lines: list[GateResult] = []
        session: list[Session] = []
        for gate, make in _makers(warehouse, looked_at, folder, limits, accepted):
            lines.extend(_run(gate, make, session, folder / DOCS))
        report = GateReport(
            build_id,
            datetime.now(UTC),
            tuple(lines),
            rules(limits),
            looked_at.coverage,
            limits.to_json(),
        )
        write_report(report, out_dir)
        for opened in session:
            opened.keep_docs(out_dir / DOCS)
    return report


def _makers(
    warehouse: Path,
    looked_at: Scope,
    folder: Path,
    limits: Limits,
    accepted: Sequence[Acceptance],
) -> list[tuple[str, Callable[[], Gate]]]:
    database = looked_at.database
    return [
        (redaction.NAME, lambda: redaction.gate(database, folder, warehouse, limits)),
        (alias_completeness.NAME, lambda: alias_completeness.gate(database, limits, accepted)),
    ]


def _run(
    name: str, make: Callable[[], Gate], session: list[Session], docs: Path
) -> Iterator[GateResult]:
    try:
        if not session:
            session.append(Session(docs))
        gate = make()
        verdicts = session[0].verdicts(gate)
        lines = list(results(gate, verdicts))
        if not lines:
            raise LookupError("no check ran")
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the gate has not passed
        lines = [_crashed(name, error)]
    yield from lines


def _crashed(name: str, error: Exception) -> GateResult:
    """A line that names the error's class and place; its message could quote a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return GateResult(
        name=name,
        check="crashed",
        passed=False,
        severity="error",
        checked=0,
        failed=0,
        threshold=0.0,
        what_to_do=(
            f"The gate itself failed with {type(error).__name__} at {Path(frame.filename).name}:"
            f"{frame.lineno}, so nothing was judged. Mend that and run the gates again."
        ),
    )
