"""Calls, turns and events of a clean estate against what truly happened (S0-20 to S0-26)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.xdist_group("pipeline")

SPOKEN_OUTCOMES = {"callback": "unresolved"}
"""What the answer key calls by another name."""


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def true_calls(estate: Path) -> list[dict[str, Any]]:
    lines = (estate / "truth" / "calls.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def matched(warehouse: Path, estate: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each true call with the one canonical ID that its records have."""
    found = dict(
        rows(
            warehouse,
            "select record_id, canonical_call_id from identity.int_identity__record_call"
            " where not is_associating_record",
        )
    )
    for call in true_calls(estate):
        ids = {found.get(f"{p}.{s}:{k}") for p, s, k in call["records"] if p != "zendesk"}
        assert len(ids) == 1, f"call {call['call']} of the answer key has {len(ids)} canonical IDs"
        yield call, ids.pop() or ""


def test_the_route_of_every_call_is_told(clean_warehouse: Path, clean_estate: Path) -> None:
    told = dict(rows(clean_warehouse, "select canonical_call_id, route from marts.call_record"))
    wrong = [c["call"] for c, i in matched(clean_warehouse, clean_estate) if told[i] != c["route"]]
    assert wrong == []


def test_no_outcome_contradicts_what_happened(clean_warehouse: Path, clean_estate: Path) -> None:
    """Unknown is allowed, wrong is not; of a call that had to be repeated the key tells less."""
    told = {
        row[0]: row[1:]
        for row in rows(
            clean_warehouse,
            "select canonical_call_id, outcome, outcome_basis from marts.call_record",
        )
    }
    wrong, known = [], 0
    for call, canonical in matched(clean_warehouse, clean_estate):
        outcome, basis = told[canonical]
        truth = SPOKEN_OUTCOMES.get(call["outcome"], call["outcome"])
        known += outcome != "unknown"
        if basis != "repeat_call" and outcome not in {truth, "unknown"}:
            wrong.append((call["call"], truth, outcome))
    assert wrong == []
    assert known > 0


def test_calls_begin_and_end_when_they_did(clean_warehouse: Path, clean_estate: Path) -> None:
    """To the two seconds that clocks of whole seconds and the last leg's teardown leave open."""
    told = {
        row[0]: row[1:]
        for row in rows(
            clean_warehouse, "select canonical_call_id, started_at, ended_at from marts.call_record"
        )
    }
    late = []
    for call, canonical in matched(clean_warehouse, clean_estate):
        for instant, name in zip(told[canonical], ("started_at", "ended_at"), strict=True):
            truth = datetime.fromisoformat(call[name]).replace(tzinfo=None)
            if abs((instant - truth).total_seconds()) > 2:
                late.append((call["call"], name, str(truth), str(instant)))
    assert late == []


def test_every_webhook_is_one_event(clean_warehouse: Path, clean_estate: Path) -> None:
    """Whatever was delivered twice: the answer key lists each webhook once (S0-162)."""
    told = dict(
        rows(
            clean_warehouse,
            "select canonical_call_id, count(*) from marts.call_event"
            " where provider = 'livekit' and stream = 'webhooks' group by 1",
        )
    )
    for call, canonical in matched(clean_warehouse, clean_estate):
        wanted = {k for p, s, k in call["records"] if (p, s) == ("livekit", "webhooks")}
        assert told.get(canonical, 0) == len(wanted), call["call"]


def test_every_turn_that_was_spoken_is_there_once(
    clean_warehouse: Path, clean_estate: Path
) -> None:
    """Counted in the documents as dropped: messages of reports, turns of analyses (S0-22)."""
    told = dict(
        rows(
            clean_warehouse,
            "select split_part(record_key, ':', 1), count(*) from marts.call_turn group by 1",
        )
    )
    spoken: Counter[str] = Counter()
    for path in (clean_estate / "drops" / "livekit" / "session_reports").rglob("*.json"):
        report = json.loads(path.read_text())
        items = report["chat_history"]["items"]
        spoken[report["job_id"]] = sum(item["type"] == "message" for item in items)
    for path in (clean_estate / "drops" / "amazon_connect").rglob("*_analysis_redacted_*.json"):
        spoken[path.name.split("_")[0]] = len(json.loads(path.read_text())["Transcript"])
    assert told == dict(spoken)


def test_every_event_a_call_must_have_is_on_its_timeline(clean_warehouse: Path) -> None:
    """The handoff from IVR to agent shows as one chain of events (S0-123, S0-144)."""
    chain = (
        "ivr.flow_started",
        "ivr.prompt_played",
        "ivr.transferred",
        "call.initiated",
        "call.answered",
        "transcript.agent_turn_final",
        "llm.request_started",
        "llm.completed",
        "tts.started",
        "tts.completed",
        "call.disconnected",
    )
    lacking = rows(
        clean_warehouse,
        "select r.canonical_call_id, t.event_type from marts.call_record r"
        f" cross join (select unnest({list(chain)}) as event_type) t"
        " left join marts.call_event e on e.canonical_call_id = r.canonical_call_id"
        " and e.event_type = t.event_type"
        " where r.route = 'ivr_to_agent' and e.event_id is null",
    )
    assert lacking == []
