"""The historical profile: traits at their rates, clocks as stated, keys that are truly gone."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import sqrt
from pathlib import Path

import networkx as nx
import pytest

from ingest.simulator import Estate, FaultProfile, generate
from ingest.simulator.clock import day_start_ms
from ingest.simulator.course import build_call
from ingest.simulator.faults import HISTORY_FAULTS
from ingest.simulator.handoffs import HandoffKey, Side
from ingest.simulator.history import BURST_CALLS, shape_day
from ingest.simulator.ids import trace_from_call_sid
from ingest.simulator.legs import ANONYMOUS
from ingest.simulator.plan import plan_day
from tests.simulator.conftest import START, attributes, spans, truth, wire
from tests.simulator.test_answer_key import _but_tickets, _records

SEED = 17
RATES = FaultProfile.of("historical").rates
SIP = {"ivr_to_agent", "direct_to_agent"}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    print(f"seed {SEED}")
    out = tmp_path_factory.mktemp("historical")
    return generate(out, calls=200, days=2, start=START, seed=SEED, profile="historical")


@pytest.fixture(scope="module")
def old_wire(old: Estate) -> dict[str, list[dict]]:
    return wire(old)


@pytest.fixture(scope="module")
def key(old: Estate) -> HandoffKey:
    return HandoffKey(old.truth)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def dealt(estate: Estate, fault: str) -> set[int]:
    return {row["call"] for row in truth(estate, "faults") if row["fault"] == fault}


def routes(estate: Estate) -> dict[int, str]:
    return {row["call"]: row["route"] for row in truth(estate, "calls")}


def by_call(key: HandoffKey, side: str) -> dict[int, list[Side]]:
    found: dict[int, list[Side]] = defaultdict(list)
    for row in key.sides:
        if row.side == side:
            found[row.call].append(row)
    return found


def sip_participants(records: dict[str, list[dict]]) -> Iterator[tuple[str, dict]]:
    """Room SID and participant of the caller, once a room."""
    for hook in records["livekit.webhooks"]:
        person = hook.get("participant", {})
        if hook["event"] == "participant_joined" and person.get("kind") == "SIP":
            yield hook["room"]["sid"], person


def assert_share(name: str, hits: int, total: int, rate: float) -> None:
    """Four standard deviations of as many draws, and half a call for the rounding."""
    margin = 4 * sqrt(total * rate * (1 - rate)) + 0.5
    print(f"seed {SEED}: {name} {hits} of {total}, rate {rate:.3f}, +-{margin:.1f}")
    assert abs(hits - total * rate) <= margin, name


def test_lost_keys_at_their_rates(old: Estate, key: HandoffKey) -> None:
    """Each pair of sides keeps its key for as many calls as the profile says."""
    for left, fault in (("telephony", "unkeyed"), ("agent", "unlinked_trace")):
        right = {"telephony": "agent", "agent": "trace"}[left]
        keyed = {a.call: is_keyed for a, b, is_keyed in key.pairs(left, right)}
        lost = sum(not is_keyed for is_keyed in keyed.values())
        assert_share(fault, lost, len(keyed), RATES[fault])
    ivr = {a.call: is_keyed for a, b, is_keyed in key.pairs("ivr", "telephony")}
    lost = sum(not is_keyed for is_keyed in ivr.values())
    assert_share("no key Connect-Twilio", lost, len(ivr), RATES["unkeyed"] * 0.75)
    tickets = {a.ids[0]: is_keyed for a, b, is_keyed in key.pairs("crm", "telephony")}
    lost = sum(not is_keyed for is_keyed in tickets.values())
    assert_share("unlinked_ticket", lost, len(tickets), RATES["unlinked_ticket"])


def test_records_without_a_counterpart(old: Estate, key: HandoffKey) -> None:
    sip = {call for call, route in routes(old).items() if route in SIP}
    agent, phone = by_call(key, "agent").keys() & sip, by_call(key, "telephony").keys() & sip
    assert sip == agent | phone
    assert_share("no_counterpart", len(sip - (agent & phone)), len(sip), RATES["no_counterpart"])
    assert agent - phone
    assert phone - agent
    assert not by_call(key, "ivr").keys() & (agent - phone)


def test_short_calls_transfers_and_voicemail(
    old: Estate, key: HandoffKey, old_wire: dict[str, list[dict]]
) -> None:
    agent = by_call(key, "agent")
    machines = {
        key.sides_of(("twilio_call_sid", r["sid"]))[0].call: r
        for r in old_wire["twilio.calls"]
        if r["direction"] == "outbound-api"
    }
    direct = by_call(key, "telephony").keys() & {
        call for call, route in routes(old).items() if route == "direct_to_agent"
    }
    assert_share("voicemail", len(machines), len(direct), RATES["voicemail"])
    assert {r["answered_by"] for r in machines.values()} == {"machine_end_beep"}
    short = {
        call
        for call, (first, *_) in agent.items()
        if (moment(first.ended_at) - moment(first.started_at)).total_seconds() < 9
    } - dealt(old, "voicemail")
    assert_share("very_short", len(short), len(agent), RATES["very_short"])
    two = {call for call, found in agent.items() if len(found) == 2}
    sip = agent.keys() & {call for call, route in routes(old).items() if route in SIP}
    assert_share("transfer", len(two), len(sip), RATES["transfer"] * (1 - RATES["very_short"]))
    assert two


def test_a_transfer_is_a_second_session_of_the_same_call_on_another_leg(key: HandoffKey) -> None:
    agent, phone = by_call(key, "agent"), by_call(key, "telephony")
    calls = [call for call, found in agent.items() if len(found) == 2 and call in phone]
    assert calls
    for call in calls:
        first, second = sorted(agent[call], key=lambda side: side.legs)
        assert (first.legs, second.legs) == ([1], [2])
        assert moment(second.started_at) > moment(first.ended_at)
        root = next(side for side in phone[call] if not side.parent)
        for session in (first, second):
            assert key.same_call(root.ids[0], session.ids[1])
            assert key.same_leg(root.ids[0], session.ids[1])
        child = next(side for side in phone[call] if side.legs == [2])
        assert key.same_leg(child.ids[0], second.ids[0])
        assert key.same_call(child.ids[0], first.ids[0])
        assert not key.same_leg(child.ids[0], first.ids[0])
    other = next(found[0] for call, found in agent.items() if call != calls[0])
    assert not key.same_call(other.ids[0], agent[calls[0]][0].ids[0])


def test_withheld_numbers_as_each_provider_says_it(
    old: Estate, key: HandoffKey, old_wire: dict[str, list[dict]]
) -> None:
    shown: dict[int, set[str]] = defaultdict(set)
    numbers = defaultdict(lambda: "+none") | {
        r["call"]: r["value"]
        for r in truth(old, "secrets")
        if r["class"] == "caller_number" and r["value"].startswith("+")
    }
    for record in old_wire["twilio.calls"]:
        side = key.sides_of(("twilio_call_sid", record["sid"]))[0]
        customer = record["to"] if record["direction"] == "outbound-api" else record["from"]
        if side.shows_number:
            assert customer != ANONYMOUS
            shown[side.call].add("telephony")
        elif side.legs:
            assert customer == ANONYMOUS
    for record in old_wire["amazon_connect.contact_records"]:
        side = key.sides_of(("connect_contact_id", record["ContactId"]))[0]
        assert (record["CustomerEndpoint"]["Address"] == "anonymous") != side.shows_number
    for room, person in sip_participants(old_wire):
        side = key.sides_of(("livekit_room_sid", room))[0]
        number = person["attributes"].get("sip.phoneNumber", "")
        assert number.startswith("+") == side.shows_number
        if not side.shows_number:
            assert numbers[side.call][1:] not in person["identity"] + person["name"]
            assert (
                person["identity"] == "sip_anonymous"
                or "sip.trunkPhoneNumber" not in (person["attributes"])
            )
        else:
            shown[side.call].add("agent")
    both = by_call(key, "agent").keys() & by_call(key, "telephony").keys()
    missing = sum(shown[call] != {"telephony", "agent"} for call in both)
    assert_share("withheld_number", missing, len(both), RATES["withheld_number"])


def test_offices_bursts_and_redials() -> None:
    profile = FaultProfile.of("historical")
    planned = plan_day(SEED, START, 0, days=2, calls=800, profile=profile)
    plans = shape_day(SEED, 0, day_start_ms(START), planned, profile)
    assert [plan.start_ms for plan in plans] == sorted(plan.start_ms for plan in plans)
    sip = [plan for plan in plans if plan.route in SIP]
    has = {fault: [p for p in sip if fault in p.faults] for fault in HISTORY_FAULTS}
    for fault in ("shared_number", "burst"):
        assert_share(fault, len(has[fault]), len(sip), RATES[fault])
    assert_share("redial", len(has["redial"]), len(sip), RATES["redial"] * (1 - RATES["burst"]))

    behind: dict[str, set[str]] = defaultdict(set)
    for plan in has["shared_number"]:
        behind[plan.caller.number].add(plan.caller.reference)
    assert sorted(map(len, behind.values()))[-2] > 2  # people behind an office's number

    bursts: dict[str, list[int]] = defaultdict(list)
    for plan in has["burst"]:
        bursts[plan.agent_number].append(plan.start_ms)
    for starts in bursts.values():
        near = [sum(abs(at - other) < 60_000 for other in starts) for at in starts]
        assert min(near) > BURST_CALLS / 4

    for plan in has["redial"]:
        before = [
            plan.start_ms - build_call(SEED, other).end_ms
            for other in sip
            if other.caller is plan.caller and other is not plan
        ]
        assert any(0 < gap < 60_000 for gap in before)


def test_clocks_are_wrong_by_what_the_key_says(
    old: Estate, key: HandoffKey, old_wire: dict[str, list[dict]]
) -> None:
    offset = {(r["system"], r["day"]): r["offset_ms"] for r in truth(old, "clocks")}
    day = {row["call"]: str(old.days[row["call"] // 200]) for row in truth(old, "calls")}
    first, second = map(str, old.days)
    moved = [s for s in ("amazon_connect", "twilio", "livekit", "otlp") if offset[s, first]]
    assert len(moved) == 4
    assert any(offset[s, first] != offset[s, second] for s in moved)

    def check(system: str, side: Side, at: datetime, resolution_ms: int) -> None:
        ahead = (at - moment(side.started_at)).total_seconds() * 1000
        stated = offset[system, day[side.call]]
        assert stated - resolution_ms < ahead <= stated + 0.5, (system, side.call)

    for r in old_wire["twilio.calls"]:
        side = key.sides_of(("twilio_call_sid", r["sid"]))[0]
        check("twilio", side, parsedate_to_datetime(r["date_created"]), 1000)
    for r in old_wire["amazon_connect.contact_records"]:
        side = key.sides_of(("connect_contact_id", r["ContactId"]))[0]
        check("amazon_connect", side, moment(r["InitiationTimestamp"]), 1000)
    for r in old_wire["livekit.webhooks"]:
        side = key.sides_of(("livekit_room_sid", r["room"]["sid"]))[0]
        at = datetime.fromtimestamp(int(r["room"]["creationTimeMs"]) / 1000, UTC)
        check("livekit", side, at, 1)
    for span in spans(old_wire):
        if span["name"] == "agent_session":
            side = key.sides_of(("otel_trace_id", span["traceId"].lower()))[0]
            at = datetime.fromtimestamp(int(span["startTimeUnixNano"]) / 1e9, UTC)
            check("otlp", side, at, 1)


def test_the_wire_joins_the_islands_of_the_key_and_no_more(
    old: Estate, old_wire: dict[str, list[dict]]
) -> None:
    """No unkeyed call shares an identifier across its islands, nor a trace ID made of a SID."""
    graph = nx.Graph()
    for name, values in _records(old_wire).items():
        is_call = name[:2] == ("twilio", "calls")
        traces = {trace_from_call_sid(value) for value in values} if is_call else set()
        graph.add_edges_from((name, value) for value in values | traces)
    parts = {
        frozenset(node for node in part if isinstance(node, tuple))
        for part in nx.connected_components(graph)
    }
    wanted = set()
    for row in truth(old, "calls"):
        islands = row.get("islands") or [_but_tickets(row)]
        wanted |= {frozenset(map(tuple, part)) for part in islands}
    assert parts - {frozenset()} == wanted - {frozenset()}


def test_unlinked_traces_and_tickets_name_nothing(
    old: Estate, key: HandoffKey, old_wire: dict[str, list[dict]]
) -> None:
    unlinked = {b.ids[0][1] for a, b, is_keyed in key.pairs("agent", "trace") if not is_keyed}
    tools = {
        item["call_id"]
        for report in old_wire["livekit.session_reports"]
        for item in report["chat_history"]["items"]
        if item["type"] == "function_call"
    }
    seen = 0
    for span in spans(old_wire):
        if span["traceId"].lower() in unlinked:
            seen += 1
            assert not tools & set(map(str, attributes(span).values()))
            assert "lk.job_id" not in attributes(span)
    assert seen
    named = {ids[1]: s.names_call for s in key.sides if s.side == "crm" for ids in s.ids}
    for ticket in old_wire["zendesk.tickets"]:
        calls = next(f["value"] for f in ticket["custom_fields"] if f["id"] == 360001)
        assert bool(calls or ticket["external_id"]) == named[str(ticket["id"])]


def test_whole_minutes_are_an_option(tmp_path: Path) -> None:
    profile = FaultProfile.of("historical", {"minute_resolution": 1.0})
    records = wire(generate(tmp_path, calls=30, days=1, start=START, seed=SEED, profile=profile))
    coarse = ("twilio.calls", "twilio.events", "twilio.summaries", "amazon_connect.contact_records")
    text = json.dumps([records[name] for name in coarse])
    times = re.findall(r"\d\d:\d\d:(\d\d)(?:\.\d+)?(?:Z| \+0000)", text)
    assert times
    assert set(times) == {"00"}
    fine = json.dumps(records["amazon_connect.flow_logs"])
    assert len(set(re.findall(r"\d\d:\d\d:(\d\d)\.\d+Z", fine))) > 10


def test_any_trait_makes_the_key_of_sides_and_no_trait_none(tmp_path: Path) -> None:
    single = FaultProfile("single", {"very_short": 0.5})
    generate(tmp_path / "a", calls=6, days=1, start=START, seed=SEED, profile=single)
    assert HandoffKey(tmp_path / "a/truth").sides
    generate(tmp_path / "b", calls=6, days=1, start=START, seed=SEED, profile="faulty")
    with pytest.raises(FileNotFoundError):
        HandoffKey(tmp_path / "b/truth")
    assert set(HISTORY_FAULTS) - {"minute_resolution"} <= set(RATES)
