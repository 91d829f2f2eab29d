"""An operator's acceptance lets exactly what it names pass, and is shown; nothing else passes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from expectations.acceptance import Acceptance, AcceptanceError
from expectations.report import GateReport
from expectations.summary import summary
from serve.cli import main
from serve.publish import PublishRefused
from tests.expectations.conftest import Estate, blocking
from tests.expectations.test_gates import DAY, FIRST_TURN, LOSE

ROUTE, ALIAS = "ivr_to_agent", "agentSessionId"
REASON = "LiveKit outage, its webhooks are lost"


def accept(estate: Estate, *options: str, reason: str = REASON, **said: str) -> Result:
    """``callstory accept`` as an operator types it, for what the fixture's report blocks."""
    chosen = {"day": DAY, "route": ROUTE, "who": "jd", **said}
    words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
    environment = {"CALLSTORY_DATA": str(estate.folder)}
    command = ["accept", *words, "--reason", reason, *options]
    return CliRunner().invoke(main, command, env=environment)


def kept(estate: Estate) -> list[Acceptance]:
    paths = sorted((estate.published / "accepted").glob("*.json"))
    return [Acceptance.from_json(json.loads(path.read_text())) for path in paths]


@pytest.fixture
def blocked(estate: Estate) -> Estate:
    """Eight of 100 calls lack their session: the day is blocked."""
    estate.plant(LOSE, "unknown", ALIAS, 8)
    assert [line.check for line in blocking(estate.gate())] == [ALIAS]
    return estate


def test_an_accepted_day_is_published_and_says_so(blocked: Estate) -> None:
    result = accept(blocked)
    assert result.exit_code == 0, result.output
    report = blocked.gate(kept(blocked))
    assert report.passed
    (line,) = [line for line in report.gates if line.accepted]
    assert (line.passed, line.severity, line.day, line.route) == (True, "error", DAY, ROUTE)
    assert (line.failed, line.checked, line.threshold) == (8, 100, 0.05)
    told = f"by jd on {kept(blocked)[0].accepted_at[:10]} (8 of 100 then): {REASON}"
    assert told in (line.accepted or "")
    assert (
        f"Accepted by an operator, and published as they are\n  - alias_completeness/{ALIAS}"
        in (summary(report))
    )
    assert GateReport.from_json(json.loads(json.dumps(report.to_json()))) == report
    blocked.publish(report.to_json())
    (shown,) = blocked.manifest()["gates"]["accepted"]
    assert f"alias_completeness/{ALIAS} on {DAY}, route {ROUTE}: 8 of 100; exception" in shown
    status = CliRunner().invoke(main, ["status", "--published", str(blocked.published)]).output
    assert f"accepted   alias_completeness/{ALIAS} on {DAY}" in status


@pytest.mark.parametrize(("missing", "passes"), [(7, True), (8, True), (9, False)])
def test_only_the_share_that_was_seen_is_covered(
    blocked: Estate, missing: int, *, passes: bool
) -> None:
    accept(blocked)
    blocked.plant(LOSE, "unknown", ALIAS, missing)
    if missing < 8:
        blocked.plant("update marts.call_completeness set is_present = is_required")
        blocked.plant(LOSE, "unknown", ALIAS, missing)
    report = blocked.gate(kept(blocked))
    assert report.passed is passes
    if not passes:
        with pytest.raises(PublishRefused, match=f"{ALIAS} on {DAY}, route {ROUTE}: 9 of 100"):
            blocked.publish(report.to_json())


@pytest.mark.parametrize(
    "other",
    [{"day": "2026-05-02"}, {"route": "direct_to_agent"}, {"alias": "providerCallId"}],
)
def test_another_day_route_or_alias_is_not_covered(blocked: Estate, other: dict[str, str]) -> None:
    accept(blocked)
    moved = [replace(one, **other) for one in kept(blocked)]
    assert [line.check for line in blocking(blocked.gate(moved))] == [ALIAS]


def test_what_blocks_beside_it_still_blocks(blocked: Estate) -> None:
    """Another alias on the same day and route; and a finding, which nobody can accept."""
    accept(blocked)
    blocked.plant(LOSE, "unknown", "providerCallId", 8)
    blocked.plant(f"update marts.call_turn set text = '078-05-1120' where turn_id = {FIRST_TURN}")
    report = blocked.gate(kept(blocked))
    assert {line.check for line in blocking(report)} == {"providerCallId", "detector"}
    for words in (["--alias", "detector"], ["--alias", "policy_version"]):
        result = accept(blocked, *words)
        assert result.exit_code == 1
        assert "never can" in result.output
    assert len(kept(blocked)) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"day": "2026-05-02"}, "What can be accepted: 2026-05-01 ivr_to_agent agentSessionId."),
        ({"route": "web_call"}, "nothing like that blocks"),
        ({"reason": "ask Jane at 415-555-2671"}, "must not hold personal data"),
        ({"reason": " "}, "cannot have this reason"),
        ({"reason": "x" * 301}, "cannot have this reason"),
        ({"reason": "two\nlines"}, "cannot have this reason"),
        ({"who": "jane@example.com"}, "cannot have this accepted_by"),
    ],
)
def test_what_is_not_in_order_is_not_recorded(
    blocked: Estate, said: dict[str, str], told: str
) -> None:
    result = accept(blocked, **said)
    assert result.exit_code == 1
    assert told in result.output
    assert "415-555-2671" not in result.output
    assert kept(blocked) == []


def test_a_day_that_does_not_block_cannot_be_accepted_in_advance(estate: Estate) -> None:
    estate.gate()
    assert "What can be accepted: nothing" in accept(estate).output


def test_acceptances_only_add_up(blocked: Estate) -> None:
    accept(blocked)
    before = {p: p.read_bytes() for p in (blocked.published / "accepted").glob("*.json")}
    blocked.plant(LOSE, "unknown", ALIAS, 9)
    blocked.gate(kept(blocked))
    accept(blocked, reason="one call more")
    assert len(kept(blocked)) == 2
    assert {path: path.read_bytes() for path in before} == before
    report = blocked.gate(kept(blocked))
    assert report.passed
    assert "one call more" in next(line.accepted or "" for line in report.gates if line.accepted)


@pytest.mark.parametrize("spoilt", [{"alias": "detector"}, {"missing": 0}, {"missing": 101}])
def test_a_record_that_is_none_is_refused(blocked: Estate, spoilt: dict[str, object]) -> None:
    accept(blocked)
    written = kept(blocked)[0].to_json() | spoilt
    with pytest.raises(AcceptanceError, match=next(iter(spoilt))):
        Acceptance.from_json(written)
    with pytest.raises(AcceptanceError):
        Acceptance.from_json({"alias": ALIAS})


def test_find_shows_what_was_accepted_of_the_calls_day(blocked: Estate, tmp_path: Path) -> None:
    accept(blocked)
    blocked.plant(
        "insert into marts.gate_exception select * from read_json(?)",
        str(blocked.published / "accepted" / "*.json"),
    )
    report = blocked.gate(kept(blocked))
    assert report.passed, summary(report)  # the table passes the redaction gate too
    blocked.publish(report.to_json())
    calls = {line.day: line.offenders for line in report.gates if line.accepted}
    shown = CliRunner().invoke(main, ["find", calls[DAY][0], "--published", str(blocked.published)])
    assert "accepted by an operator: 2026-05-01, route ivr_to_agent: 8 of 100 calls" in shown.output
    assert REASON in " ".join(shown.output.split())
