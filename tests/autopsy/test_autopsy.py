"""Of every alias that the faulty estate lost, the pipeline names the cause (S0-118, S0-164)."""

from __future__ import annotations

import pytest

from tests.autopsy.matrix import Case, Matrix, cases
from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")

RIGHT_AT_LEAST, WRONG_AT_MOST = 0.95, 0.02
"""The goals; `make score-autopsy` measures them on more cases, and with traces that are sampled."""


def test_the_cause_of_each_missing_alias_is_told(faulty_run: PipelineRun) -> None:
    matrix = Matrix()
    matrix.add(cases(faulty_run.settings.warehouse, faulty_run.estate / "truth"))
    told = f"{matrix.text()}\n{matrix.told_of()}"
    print(told)
    assert matrix.marks.total() >= 20
    assert matrix.share("right") >= RIGHT_AT_LEAST, told
    assert matrix.share("wrong") <= WRONG_AT_MOST, told
    causes = {true for true, _ in matrix.counts}
    assert causes >= {
        "conflicting",
        "dropped_at_boundary",
        "expired_at_provider",
        "pending",
        "redacted_at_source",
    }


def test_a_wrong_boundary_is_no_right_cause() -> None:
    matrix = Matrix()
    lost = ("dropped_at_boundary", "twilio->livekit")
    matrix.add(
        [
            Case("a", "traceId", lost, lost),
            Case("b", "traceId", lost, ("dropped_at_boundary", "agent->otlp")),
            Case("c", "traceId", lost, ("unknown", "")),
            Case("d", "recordingId", ("never_existed", ""), ("expired_at_provider", "")),
        ]
    )
    assert dict(matrix.marks) == {"right": 1, "wrong": 2, "unknown": 1}
    assert matrix.counts["dropped_at_boundary", "another boundary"] == 1
