"""The answer key against the wire: a partition, and one that the wire's own identifiers give."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict

import networkx as nx
import pytest

from ingest.simulator import Estate
from tests.simulator.conftest import attributes, spans, truth

Name = tuple[str, str, str]


def _content(record: dict) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _amazon_connect(wire: dict) -> dict[Name, set]:
    out: dict[Name, set] = defaultdict(set)
    for r in wire["amazon_connect.contact_records"]:
        ids = [
            r[k] for k in ("ContactId", "InitialContactId", "PreviousContactId", "NextContactId")
        ]
        links = [r["Attributes"].get(k) for k in ("twilioCallSid", "canonicalCallId")]
        out["amazon_connect", "contact_records", r["ContactId"]] |= {v for v in ids + links if v}
    for r in wire["amazon_connect.flow_logs"]:
        out["amazon_connect", "flow_logs", _content(r)] |= {r["ContactId"]}
    for r in wire["amazon_connect.contact_lens"]:
        contact, _, rest = r["source_name"].partition("_analysis_")
        twin = "redacted" if rest.startswith("redacted_") else "original"
        out["amazon_connect", "contact_lens", f"{contact}:{twin}"] |= {contact}
    return out


def _twilio(wire: dict) -> dict[Name, set]:
    out: dict[Name, set] = defaultdict(set)
    for r in wire["twilio.calls"]:
        out["twilio", "calls", r["sid"]] |= {r["sid"], r["parent_call_sid"] or r["sid"]}
    for r in wire["twilio.recordings"]:
        out["twilio", "recordings", r["sid"]] |= {r["sid"], r["call_sid"]}
    for r in wire["twilio.summaries"]:
        sip = (r["sip_edge"] or {}).get("properties", {}).get("sip_call_id", r["call_sid"])
        out["twilio", "summaries", r["call_sid"]] |= {r["call_sid"], sip}
    for r in wire["twilio.events"]:
        out["twilio", "events", _content(r)] |= {r["call_sid"]}
    return out


def _livekit(wire: dict) -> dict[Name, set]:
    named = {
        "sip.twilio.callSid",
        "sip.amazon.contactId",
        "sip.callIDFull",
        "sip.callID",
        "app.trace_id",
        "sip.h.X-Canonical-Call-Id",
    }
    out: dict[Name, set] = defaultdict(set)
    for r in wire["livekit.webhooks"]:
        given = r.get("participant", {}).get("attributes", {})
        found = {v for k, v in given.items() if k in named} | {r["room"]["sid"]}
        found |= {r[part]["id"] for part in ("job",) if part in r}
        out["livekit", "webhooks", r["id"]] |= found
    for r in wire["livekit.session_reports"]:
        out["livekit", "session_reports", r["job_id"]] |= {r["job_id"], r["room_id"]}
    return out


def _otlp(wire: dict) -> dict[Name, set]:
    named = ("lk.job_id", "lk.room_sid", "lk.sip.call.id", "call.sid", "canonical_call_id")
    out: dict[Name, set] = defaultdict(set)
    for span in spans(wire):
        trace, given = span["traceId"].lower(), attributes(span)
        key = f"{trace}:{span['spanId'].lower()}"
        out["otlp", "spans", key] |= {trace, *(given[n] for n in named if n in given)}
    return out


def _records(wire: dict) -> dict[Name, set]:
    return {**_amazon_connect(wire), **_twilio(wire), **_livekit(wire), **_otlp(wire)}


def _but_tickets(row: dict) -> frozenset[Name]:
    return frozenset(tuple(r) for r in row["records"] if r[0] != "zendesk")


def test_explicit_keys_on_the_wire_give_every_clean_call_exactly(
    clean: Estate, clean_wire: dict
) -> None:
    graph = nx.Graph()
    for name, values in _records(clean_wire).items():
        graph.add_edges_from((name, value) for value in values)
    parts = {
        frozenset(node for node in part if isinstance(node, tuple))
        for part in nx.connected_components(graph)
    }
    assert parts == {_but_tickets(row) for row in truth(clean, "calls")}


@pytest.mark.parametrize("name", ["clean", "faulty"])
def test_answer_key_is_a_partition_of_what_was_delivered(
    name: str, request: pytest.FixtureRequest
) -> None:
    estate, wire = request.getfixturevalue(name), request.getfixturevalue(f"{name}_wire")
    owners = Counter(r for row in truth(estate, "calls") for r in _but_tickets(row))
    assert set(owners.values()) == {1}
    assert set(owners) == set(_records(wire))


def test_identifying_aliases_belong_to_one_call(clean: Estate) -> None:
    owners = Counter(
        tuple(a) for row in truth(clean, "calls") for a in row["aliases"] if "ticket" not in a[0]
    )
    assert set(owners.values()) == {1}


def test_tickets_are_shared_by_two_calls_and_merge_nothing(clean: Estate) -> None:
    owners = Counter(
        r[2] for row in truth(clean, "calls") for r in row["records"] if r[0] == "zendesk"
    )
    assert set(owners.values()) == {1, 2}


def test_islands_are_the_parts_that_the_wire_still_joins(faulty: Estate, faulty_wire: dict) -> None:
    values = _records(faulty_wire)
    poisoned = {"0" * 32, "4bf92f3577b34da6a3ce929d0e0e4736"}
    broken = [row for row in truth(faulty, "calls") if not row["resolvable"]]
    assert len(broken) >= 5
    for row in broken:
        parts = [{tuple(r) for r in part} for part in row["islands"]]
        assert sum(map(len, parts)) == len(_but_tickets(row)) - len(row.get("late", ()))
        stated = [set().union(*(values[r] for r in part)) - poisoned for part in parts]
        seen: set[str] = set()
        for part in stated:
            assert not part & seen
            seen |= part


def test_every_route_and_midnight_occur(clean: Estate) -> None:
    rows = truth(clean, "calls")
    routes = {row["route"] for row in rows}
    assert routes == {"ivr_only", "ivr_to_agent", "direct_to_agent", "web_call"}
    assert any(row["started_at"][:10] != row["ended_at"][:10] for row in rows)


@pytest.mark.parametrize("name", ["clean", "faulty"])
def test_planted_secrets_stand_where_the_key_says(
    name: str, request: pytest.FixtureRequest
) -> None:
    estate, wire = request.getfixturevalue(name), request.getfixturevalue(f"{name}_wire")
    texts = {s: json.dumps(records, ensure_ascii=False) for s, records in wire.items()}
    planted = truth(estate, "secrets")
    kinds = {row["class"] for row in planted}
    assert kinds >= {
        "card",
        "card_spoken",
        "phone",
        "phone_spoken",
        "email",
        "email_spoken",
        "ssn",
        "ssn_spoken",
        "keypad",
        "caller_number",
    }
    for row in planted:
        for stream in row["where"]:
            assert row["value"] in texts[stream], (row["call"], row["class"], stream)


def test_records_that_come_after_the_days_are_named_late(faulty: Estate) -> None:
    after = {
        path.relative_to(faulty.drops).as_posix()
        for path in (faulty.drops / "livekit/webhooks/2026/05").rglob("*.jsonl")
        if "/05/03/" in path.as_posix() or "/05/04/" in path.as_posix()
    }
    wanted = {
        json.loads(line)["id"]
        for name in after
        for line in (faulty.drops / name).read_bytes().splitlines()
        if line.startswith(b'{"event"')
        and line.endswith(b"}")
        and b"\xff" not in line
        and b'"padding"' not in line
    }
    late = {
        r[2] for row in truth(faulty, "calls") for r in row.get("late", ()) if r[1] == "webhooks"
    }
    assert late
    assert late <= wanted
