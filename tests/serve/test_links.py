"""What ``find`` and ``quality`` say of heuristic links: guesses are shown as guesses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from serve.cli import main
from serve.publish import publish
from tests.serve.conftest import passing_report
from tests.serve.fixture_warehouse import BUILD, call_id, execute, twilio_sid

DAY = date(2026, 5, 1)
CALL, LINKED = call_id(DAY, "ivr_only", 3), call_id(DAY, "ivr_to_agent", 4)
SID, ROOM = twilio_sid(DAY, "ivr_only", 3), "RM_guessed0001"


@pytest.fixture
def zone(warehouse: Path, tmp_path: Path) -> str:
    """One call linked to another, perhaps one with a third; the other's room is its alias now."""
    for call, kind in ((LINKED, "explicit"), (CALL, "heuristic")):
        execute(
            warehouse,
            "insert into marts.call_alias by name select ? as canonical_call_id, ? as call_date,"
            " 'livekit_room_sid' as namespace, ? as alias_value, 'identifying' as kind,"
            " ? as link_method, 0.9876 as confidence, 1 as record_count",
            call, DAY, ROOM, kind,
        )  # fmt: skip
    for status, other in (("linked", LINKED), ("ambiguous", call_id(DAY, "ivr_to_agent", 5))):
        execute(
            warehouse,
            "insert into marts.call_link by name select ? as canonical_call_id, ? as call_date,"
            " 'telephony_agent' as pair, ? as linked_call_id, ? as status, 0.9876 as confidence,"
            " 'agent:x' as other_side_id",
            CALL, DAY, other, status,
        )  # fmt: skip
    place = tmp_path / "zone"
    publish(warehouse, str(place), BUILD, passing_report(), 3)
    return str(place)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_guessed_alias_and_the_links_are_told_as_such(zone: str) -> None:
    told = " ".join(run("find", SID, "--published", zone).split())
    assert f"{ROOM} (guess, 0.988)" in told
    assert f"linked without a key to {LINKED}, confidence 0.988" in told
    assert "perhaps one with" in told
    assert "several are as likely" in told
    assert "(guess" not in run("find", LINKED, "--published", zone)


def test_an_alias_leads_to_the_call_that_states_it(zone: str) -> None:
    told = run("find", ROOM, "--published", zone)
    assert told.startswith(LINKED)


def test_without_a_calibration_quality_says_what_to_do(published: Path) -> None:
    assert "callstory calibrate" in run("quality", "--published", str(published))


def test_quality_tells_figures_refusals_and_a_chart(warehouse: Path, tmp_path: Path) -> None:
    nulls = ", null" * 8
    for row in (
        "null, null, 200, 190, 190, 1.0, 0.9802, 1.0, 0.95, 0.91, 0.97, 0.05, null, true",
        "null, 'busy', 50, 40, 40, 1.0, 0.91, 1.0, 0.8, 0.7, 0.9, 0.2, null, false",
        f"'2026-05-02', null, 0, null{nulls}, 'minute_resolution', false",
    ):
        execute(
            warehouse,
            f"insert into marts.match_quality values ('telephony_agent', {row}, 'c0ffee')",
        )
    execute(
        warehouse,
        "insert into marts.match_calibration values"
        " ('telephony_agent', 5, 10, 0.52, 0.5, 0.24, 0.76, 'c0ffee')",
    )
    publish(warehouse, str(tmp_path / "zone"), BUILD, passing_report(), 3)
    told = run("quality", "--published", str(tmp_path / "zone"))
    assert "telephony_agent: links are published" in told
    assert "precision 1.0000 (0.9802 to 1.0000)" in told
    assert "busy traffic" in told
    assert "2026-05-02: not matched, minute_resolution" in told
    assert "0.5 (mean 0.520)  0.500         10  " + "#" * 20 + "\n" in told
