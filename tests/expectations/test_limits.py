"""The limits' history: what held on a day is told by that day, and a report carries it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from expectations.limits import BLOCK, WARN, WITHHELD, LimitsError, limits
from expectations.report import GateReport
from expectations.rules import rules
from expectations.summary import summary
from tests.expectations.conftest import LIMITS, Estate

LINE = "- {{limit: {}, value: {}, since: {}, who: jd, why: because}}\n"


def history(path: Path, *lines: tuple[str, object, str]) -> Path:
    lines = (*lines, (WITHHELD, 0.005, "2026-01-01"))
    path.write_text("".join(LINE.format(*line) for line in lines))
    return path


def test_by_default_five_per_cent_block_and_one_warns() -> None:
    """S0-165."""
    held = limits(date(2026, 11, 1))
    assert (held[BLOCK], held[WARN], held.version) == (0.05, 0.01, "2026-01-01.3")
    assert held[WITHHELD] == 0.005


def test_a_day_has_the_limits_of_its_time(tmp_path: Path) -> None:
    path = history(
        tmp_path / "limits.yml",
        (BLOCK, 0.05, "2026-01-01"),
        (WARN, 0.01, "2026-01-01"),
        (BLOCK, 0.08, "2026-06-01"),
        (BLOCK, 0.02, "2026-09-01"),
    )
    told = {day: limits(date.fromisoformat(day), path) for day in ("2026-05-31", "2026-06-01")}
    assert [held[BLOCK] for held in told.values()] == [0.05, 0.08]
    assert [held.version for held in told.values()] == ["2026-01-01.3", "2026-06-01.4"]
    assert limits(date(2026, 12, 1), path)[WARN] == 0.01
    assert len({rules(held) for held in told.values()}) == 2


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([(BLOCK, 0.05, "2026-01-01")], "no value for alias_missing_warn on 2026-05-01"),
        (
            [(BLOCK, 0.05, "2026-07-01"), (WARN, 0.01, "2026-01-01")],
            "no value for alias_missing_bl",
        ),
        ([(BLOCK, 5, "2026-01-01")], "limit 1: value must be a share"),
        ([(BLOCK, 0.05, "2026-01-01"), ("other", 0.05, "2026-01-01")], "limit 2: no such limit"),
        ([(BLOCK, 0.05, "soon")], "limit 1: since must be a day"),
    ],
)
def test_a_history_that_cannot_be_used_is_refused(
    tmp_path: Path, lines: list[tuple[str, object, str]], told: str
) -> None:
    with pytest.raises(LimitsError, match=told):
        limits(date(2026, 5, 1), history(tmp_path / "limits.yml", *lines))


def test_report_and_published_version_carry_the_limits(estate: Estate) -> None:
    report = estate.gate()
    assert GateReport.from_json(report.to_json()).limits == LIMITS.to_json()
    assert "Limits 2026-01-01.2: blocks over 5.0%, warns over 1.0%" in summary(report)
    estate.publish(report.to_json())
    assert estate.manifest()["gates"]["limits"] == LIMITS.to_json()
