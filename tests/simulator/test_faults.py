"""Each fault does on the wire what its name says, at the rate asked for, and is on record."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.simulator import Estate, FaultProfile, generate
from ingest.simulator.faults import CONSTANT_TRACE_ID, ZERO_TRACE_ID
from tests.simulator.conftest import START, attributes, spans, truth, wire


def of(estate: Estate, fault: str) -> list[dict]:
    return [row for row in truth(estate, "faults") if row["fault"] == fault]


def calls_with(estate: Estate, fault: str) -> list[dict]:
    hit = {row["call"] for row in of(estate, fault)}
    return [row for row in truth(estate, "calls") if row["call"] in hit]


def aliases(row: dict, namespace: str) -> list[str]:
    return [value for name, value in row["aliases"] if name == namespace]


def single(out: Path, fault: str, rate: float, calls: int = 60) -> Estate:
    profile = FaultProfile("single", {fault: rate})
    return generate(out, calls=calls, days=1, start=START, seed=21, profile=profile)


def sip_attributes(records: dict, room: str) -> dict:
    return next(
        h["participant"]["attributes"]
        for h in records["livekit.webhooks"]
        if h["room"]["sid"] == room and h.get("participant", {}).get("kind") == "SIP"
    )


def test_every_fault_is_on_record(faulty: Estate) -> None:
    found = {row["fault"] for row in truth(faulty, "faults")}
    served = {"truncated_page", "rate_limited"}  # happen in the server, request by request
    assert found == set(FaultProfile.of("faulty").rates) - served


def test_a_rate_holds_for_each_route_and_day(tmp_path: Path) -> None:
    """8 % of a route's calls without an agent session, whatever the draw."""
    profile = FaultProfile.of("clean", {"missing_agent_session": 0.08})
    estate = generate(tmp_path, calls=200, days=2, start=START, seed=4, profile=profile)
    total: Counter[tuple[str, int]] = Counter()
    missing: Counter[tuple[str, int]] = Counter()
    for row in truth(estate, "calls"):
        at = (row["route"], row["call"] // 200)
        total[at] += 1
        missing[at] += not aliases(row, "livekit_room_sid")
    for (route, day), count in total.items():
        if route in {"ivr_to_agent", "direct_to_agent"}:
            assert abs(missing[route, day] - 0.08 * count) < 1
    assert sum(missing[r, d] for r, d in missing if r == "web_call") == 0


def test_dropped_headers_leave_livekit_an_island(tmp_path: Path) -> None:
    estate = single(tmp_path, "missing_sip_headers", 0.3)
    records = wire(estate)
    hit = calls_with(estate, "missing_sip_headers")
    assert hit
    for row in hit:
        assert not row["resolvable"]
        given = sip_attributes(records, aliases(row, "livekit_room_sid")[0])
        assert not [k for k in given if k.startswith(("sip.twilio", "sip.amazon", "sip.h."))]
        assert "sip.callIDFull" not in given
        assert len(row["islands"]) == 2
    assert estate.calls - estate.resolvable == len(hit)


def test_one_missing_link_alone_breaks_nothing(tmp_path: Path) -> None:
    for fault in ("missing_contact_header", "missing_connect_attribute"):
        estate = single(tmp_path / fault, fault, 0.4)
        assert of(estate, fault)
        assert estate.resolvable == estate.calls


def test_connect_without_any_link_is_an_island(tmp_path: Path) -> None:
    estate = single(tmp_path, "missing_connect_link", 0.3)
    hit = calls_with(estate, "missing_connect_link")
    assert hit
    for row in hit:
        systems = [{r[0] for r in island} for island in row["islands"]]
        assert {"amazon_connect"} in systems
        assert len(systems) == 2


@pytest.mark.parametrize(
    ("fault", "value"), [("constant_trace_id", CONSTANT_TRACE_ID), ("zero_trace_id", ZERO_TRACE_ID)]
)
def test_poisoned_trace_id_is_shared_by_calls(fault: str, value: str, tmp_path: Path) -> None:
    estate = single(tmp_path, fault, 0.2)
    jobs = {
        attributes(s)["lk.job_id"]
        for s in spans(wire(estate))
        if s["name"] == "agent_session" and s["traceId"].lower() == value
    }
    hit = calls_with(estate, fault)
    assert len(jobs) == len(hit) > 2
    assert not any(aliases(row, "otel_trace_id") for row in hit)


def test_reused_room_names_lie_hours_apart(tmp_path: Path) -> None:
    estate = single(tmp_path, "reused_room_names", 0.4, calls=150)
    used: dict[str, list[str]] = defaultdict(list)
    for row in calls_with(estate, "reused_room_names"):
        used[aliases(row, "livekit_room_name")[0]].append(row["started_at"])
    shared = {name: sorted(starts) for name, starts in used.items() if len(starts) > 1}
    assert shared
    for starts in shared.values():
        hours = [int(s[11:13]) + int(s[14:16]) / 60 for s in starts]
        assert all(b - a > 5.9 for a, b in pairwise(hours))


def test_missing_trace_and_agent_session_deliver_nothing(faulty: Estate, faulty_wire: dict) -> None:
    jobs = {attributes(s).get("lk.job_id") for s in spans(faulty_wire)}
    rooms = {h["room"]["sid"] for h in faulty_wire["livekit.webhooks"]}
    for row in calls_with(faulty, "missing_trace"):
        assert not set(aliases(row, "livekit_job_id")) & jobs
    for row in calls_with(faulty, "missing_agent_session"):
        assert not {r[0] for r in row["records"]} & {"livekit", "otlp"}
    assert rooms == {
        r
        for row in truth(faulty, "calls")
        for r in aliases(row, "livekit_room_sid")
        if any(x[1] == "webhooks" for x in row["records"])
    }


def test_late_records_lie_in_a_later_days_folder(tmp_path: Path) -> None:
    estate = single(tmp_path, "late_delivery", 0.1)
    late = {row["record"][2] for row in of(estate, "late_delivery") if row["record"]}
    for path in (estate.drops / "livekit/webhooks").rglob("*.jsonl"):
        day = path.relative_to(estate.drops).as_posix().split("/webhooks/")[1][:10]
        for line in path.read_text().splitlines():
            assert (json.loads(line)["id"] in late) == (day != "2026/05/01")
    assert late


def test_dropped_webhooks_are_gone(faulty: Estate, faulty_wire: dict) -> None:
    gone = {row["record"][2] for row in of(faulty, "dropped_webhook")}
    assert gone
    assert not gone & {h["id"] for h in faulty_wire["livekit.webhooks"]}


def test_reemitted_contact_is_newer_and_changed(tmp_path: Path) -> None:
    estate = single(tmp_path, "reemitted_record", 0.5)
    versions: dict[str, list[dict]] = defaultdict(list)
    for record in wire(estate)["amazon_connect.contact_records"]:
        versions[record["ContactId"]].append(record)
    hit = {row["record"][2] for row in of(estate, "reemitted_record")}
    assert hit == {key for key, found in versions.items() if len(found) == 2}
    for key in hit:
        old, new = sorted(versions[key], key=lambda r: r["LastUpdateTimestamp"])
        changed = {name for name in old if old[name] != new[name]}
        assert changed == {"Attributes", "LastUpdateTimestamp"}


def test_malformed_lines_are_of_three_kinds_and_lose_no_record(tmp_path: Path) -> None:
    estate = single(tmp_path, "malformed_line", 1.0)
    plain = generate(
        tmp_path / "plain", calls=60, days=1, start=START, seed=21, profile=FaultProfile("none")
    )
    kinds = {row["detail"].split()[0] for row in of(estate, "malformed_line")}
    assert kinds == {"broken_json", "invalid_utf8", "oversized"}
    assert wire(estate)["livekit.webhooks"] == wire(plain)["livekit.webhooks"]


def test_skewed_clocks_move_one_systems_times(tmp_path: Path) -> None:
    skewed = wire(single(tmp_path / "a", "clock_skew", 1.0))
    plain = wire(
        generate(
            tmp_path / "b", calls=60, days=1, start=START, seed=21, profile=FaultProfile("none")
        )
    )

    def begins(records: dict) -> dict[str, int]:
        return {s["spanId"]: int(s["startTimeUnixNano"]) for s in spans(records)}

    ahead = begins(skewed)
    assert {ahead[k] - at for k, at in begins(plain).items()} == {230_000_000}
    assert skewed["amazon_connect.contact_records"] == plain["amazon_connect.contact_records"]


def test_unredacted_twin_shows_what_the_original_shows(tmp_path: Path) -> None:
    estate = single(tmp_path, "unredacted_twin", 0.5, calls=120)
    hit = {row["call"] for row in of(estate, "unredacted_twin")}
    leaks = 0
    twins: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for lens in wire(estate)["amazon_connect.contact_lens"]:
        contact = lens["source_name"].partition("_analysis_")[0]
        texts = [turn["Content"] for turn in lens["document"]["Transcript"]]
        twins[contact][lens["document"]["ContentMetadata"]["Output"]] = texts
    for row in truth(estate, "calls"):
        for contact in aliases(row, "connect_contact_id"):
            if contact in twins and twins[contact]["Raw"] != (safe := twins[contact]["Redacted"]):
                assert row["call"] not in hit
                assert any("[PII]" in text for text in safe)
            leaks += contact in twins and row["call"] in hit
    assert leaks == sum(
        row["call"] in hit
        for row in truth(estate, "calls")
        for c in aliases(row, "connect_contact_id")
        if c in twins
    )
    assert leaks


def test_unredacted_payload_puts_a_card_into_a_tool_output(tmp_path: Path) -> None:
    estate = single(tmp_path, "unredacted_payload", 0.3)
    outputs = " ".join(
        str(attributes(s).get("lk.function_tool.output")) for s in spans(wire(estate))
    )
    hit = {row["call"] for row in of(estate, "unredacted_payload")}
    cards = [
        row
        for row in truth(estate, "secrets")
        if row["call"] in hit
        and row["class"] == "card"
        and row["value"].isdigit()
        and row["value"] in outputs
    ]
    assert cards
