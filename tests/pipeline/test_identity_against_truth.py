"""The published calls against the simulator's answer key (promises 1 and 3, S0-01, S0-155)."""

from __future__ import annotations

from collections import defaultdict

import duckdb
import pytest

from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")

TICKETS = (
    "zendesk",
    "tickets",
)  # associating: a ticket may belong to several calls and merges none


def resolved(run: PipelineRun) -> dict[tuple[str, str, str], set[str]]:
    """(provider, stream, record key) -> the calls the warehouse gave it to."""
    calls: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    with duckdb.connect(str(run.settings.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select split_part(record_id, '.', 1),"
            " split_part(split_part(record_id, ':', 1), '.', 2),"
            " substr(record_id, strpos(record_id, ':') + 1), canonical_call_id"
            " from identity.int_identity__record_call"
        ).fetchall()
    for provider, stream, key, call in rows:
        calls[provider, stream, key].add(call)
    return calls


def partition(run: PipelineRun) -> tuple[dict[str, set[int]], dict[int, set[str]]]:
    """Canonical ID -> true calls, and true call -> canonical IDs, over all but ticket records."""
    found = resolved(run)
    merged: dict[str, set[int]] = defaultdict(set)
    split: dict[int, set[str]] = defaultdict(set)
    for call in run.truth("calls"):
        for provider, stream, key in call["records"]:
            if (provider, stream) == TICKETS:
                continue
            for canonical in found.get((provider, stream, key), set()):
                merged[canonical].add(call["call"])
                split[call["call"]].add(canonical)
    return merged, split


def test_every_call_of_the_clean_estate_is_resolved_exactly(clean_run: PipelineRun) -> None:
    merged, split = partition(clean_run)
    true_calls = {call["call"] for call in clean_run.truth("calls")}
    assert {c: m for c, m in merged.items() if len(m) > 1} == {}
    assert {c: s for c, s in split.items() if len(s) > 1} == {}
    assert set(split) == true_calls


def test_every_record_of_the_clean_estate_belongs_to_a_call(clean_run: PipelineRun) -> None:
    found = resolved(clean_run)
    lost = [
        record
        for call in clean_run.truth("calls")
        for record in map(tuple, call["records"])
        if not found.get(record)
    ]
    assert lost == []


def test_a_ticket_is_attached_to_every_call_it_names_and_merges_none(
    clean_run: PipelineRun,
) -> None:
    found = resolved(clean_run)
    wanted: dict[tuple[str, ...], int] = defaultdict(int)
    for call in clean_run.truth("calls"):
        for record in map(tuple, call["records"]):
            if record[:2] == TICKETS:
                wanted[record] += 1
    assert max(wanted.values()) > 1, "the estate has no shared ticket"
    assert {record: len(found[record]) for record in wanted} == dict(wanted)


def test_no_fault_leads_to_a_wrong_merge(faulty_run: PipelineRun) -> None:
    merged, _ = partition(faulty_run)
    assert {c: m for c, m in merged.items() if len(m) > 1} == {}


def test_only_calls_that_lost_a_link_are_split(faulty_run: PipelineRun) -> None:
    _, split = partition(faulty_run)
    resolvable = {call["call"] for call in faulty_run.truth("calls") if call["resolvable"]}
    assert {c: s for c, s in split.items() if len(s) > 1 and c in resolvable} == {}
