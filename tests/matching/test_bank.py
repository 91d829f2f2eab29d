"""Rows of the real calls, as the file writes them, become the sides that they were."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.matching import bank
from tests.matching.sides import SIDE_SCHEMA, Sides

FIELDS = [
    *("vru+line", "call_id", "customer_id", "priority", "type", "date"),
    *("vru_entry", "vru_exit", "vru_time", "q_start", "q_exit", "q_time"),
    *("outcome", "ser_start", "ser_exit", "ser_time", "server"),
]
QUEUED = (
    "AA0104 1 71 2 PS 990218 16:51:22 16:51:28 6 16:51:28 16:51:47 19 AGENT 16:51:46 16:52:34 48 A"
)
DIRECT = (
    "AA0201 2 0 0 NW 990218 17:13:41 17:13:57 16 0:00:00 0:00:00 0 AGENT 17:13:56 17:14:30 34 B"
)
# The queue and the service are after midnight.
MIDNIGHT = (
    "AA0102 3 72 2 PS 990215 23:59:54 23:59:54 0 0:00:00 0:00:27 27 AGENT 0:00:26 0:01:33 67 C"
)
UNSERVED = "AA0103 4 0 0 PS 990211 9:16:02 9:16:15 13 0:00:00 0:00:00 0 AGENT 0:00:00 0:00:00 0 D"
STEPPED = "AA0103 5 0 0 PS 990213 9:48:14 9:47:17 -57 0:00:00 0:00:00 0 AGENT 9:47:16 9:48:00 44 D"


def call(line: str) -> bank.Call:
    return bank.read_call(dict(zip(FIELDS, line.split(), strict=True)))


CALLS = tuple(map(call, (QUEUED, DIRECT, MIDNIGHT, UNSERVED, STEPPED)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_hand_over_is_the_end_of_the_queue_or_of_the_ivr() -> None:
    assert call(QUEUED).handed_over_at == at("1999-02-18T16:51:47")
    assert call(DIRECT).handed_over_at == at("1999-02-18T17:13:57")
    assert (call(QUEUED).ivr, call(QUEUED).customer) == ("AA01", "71")
    assert call(DIRECT).customer is None


def test_times_without_a_date_cross_midnight() -> None:
    found = call(MIDNIGHT)
    assert found.handed_over_at == at("1999-02-16T00:00:27")
    assert found.service_started_at == at("1999-02-16T00:00:26")
    assert found.service_ended_at == at("1999-02-16T00:01:33")
    across = call(DIRECT.replace("17:13:41 17:13:57", "23:58:00 23:59:30").replace(
        "17:13:56 17:14:30", "23:59:29 0:01:10"))  # fmt: skip
    assert across.service_started_at == at("1999-02-18T23:59:29")
    assert across.service_ended_at == at("1999-02-19T00:01:10")
    early = call(DIRECT.replace("17:13:41 17:13:57", "23:59:50 0:00:00").replace(
        "17:13:56 17:14:30", "23:59:59 0:01:10"))  # fmt: skip
    assert early.handed_over_at == at("1999-02-19T00:00:00")
    assert early.service_started_at == at("1999-02-18T23:59:59")


def test_a_clock_step_is_not_a_day() -> None:
    assert call(STEPPED).handed_over_at == at("1999-02-13T09:47:17")


def test_an_agent_without_times_is_no_agent_side() -> None:
    sides = bank.load(handed=CALLS)
    assert (len(sides.left), len(sides.right), len(sides.truth)) == (5, 4, 4)


def test_sides_have_the_schema_and_the_settings() -> None:
    sides = bank.load(handed=CALLS)
    assert sides.left.schema == sides.right.schema == SIDE_SCHEMA
    assert sides.left["ended_at"].null_count == 5
    assert sides.left["caller_token"].null_count == 5
    assert set(sides.left["reason"].to_pylist()) == {"PS", "NW"}
    assert set(sides.left["clock_source"].to_pylist()) == {"ivr:AA01", "ivr:AA02"}
    plain = bank.load(bank.Setting(reason=False, tokens=True), handed=CALLS)
    assert plain.left["reason"].null_count == 5
    assert plain.left["caller_token"].null_count == 3
    assert plain.right["caller_token"].null_count == 2


def test_only_odd_days_keep_their_key() -> None:
    sides = bank.load(handed=CALLS)
    ids = {row["side_id"]: row["canonical_call_id"] for row in sides.left.to_pylist()}
    ids |= {row["side_id"]: row["canonical_call_id"] for row in sides.right.to_pylist()}
    days = {row["side_id"]: row["started_at"].day for row in sides.left.to_pylist()}
    for pair in sides.truth.to_pylist():
        left, right = pair["left_side_id"], pair["right_side_id"]
        assert pair["keyed"] == (days[left] % 2 == 1) == (ids[left] == ids[right])
    # The 13th keeps its key, the 16th and both of the 18th do not; the 11th's ties nothing.
    assert sum(pair["keyed"] for pair in sides.truth.to_pylist()) == 1
    assert list(ids.values()).count("AA0103-4") == 1


def starts(sides: Sides) -> dict[str, timedelta]:
    """By the agent sides' truth: how much later than its IVR side each began."""
    lefts = {row["side_id"]: row["started_at"] for row in sides.left.to_pylist()}
    rights = {row["side_id"]: row["started_at"] for row in sides.right.to_pylist()}
    return {
        pair["left_side_id"]: rights[pair["right_side_id"]] - lefts[pair["left_side_id"]]
        for pair in sides.truth.to_pylist()
    }


def test_skew_drift_and_resolution_move_the_agents_clock() -> None:
    early = timedelta(seconds=-1)
    assert set(starts(bank.load(handed=CALLS)).values()) == {early}
    skewed = bank.load(bank.Setting(skew_s=7_200), handed=CALLS)
    assert set(starts(skewed).values()) == {early + timedelta(hours=2)}
    # 12.4, 15.0 and twice 17.7 days after the 1st, from a second early, cut to whole seconds.
    drifted = starts(bank.load(bank.Setting(drift_s_per_day=1), handed=CALLS)).values()
    assert sorted(d.total_seconds() for d in drifted) == [11, 14, 16, 16]
    minutes = bank.load(bank.Setting(resolution_s=60), handed=CALLS)
    assert {row.second for row in minutes.left["started_at"].to_pylist()} == {0}
    assert set(minutes.right["resolution_ms"].to_pylist()) == {60_000}


def test_missing_is_a_share_of_agent_sides_and_repeats() -> None:
    many = CALLS[:3] * 400
    setting = bank.Setting(missing=0.3, seed=3)
    sides = bank.load(setting, handed=many)
    assert len(sides.left) == 1_200
    assert len(sides.right) == len(sides.truth) == pytest.approx(840, abs=50)
    assert bank.load(setting, handed=many).truth.equals(sides.truth)
    assert not bank.load(bank.Setting(missing=0.3, seed=4), handed=many).truth.equals(sides.truth)


@pytest.mark.skipif(not bank.path().exists(), reason="the real calls are not beside the project")
def test_the_real_calls_are_as_described() -> None:
    """Counts of ../shared/data/README.md: most services begin a second before the hand-over."""
    handed = bank.calls()
    assert len(handed) == 27_162
    served = [c for c in handed if c.service_started_at]
    assert len(handed) - len(served) == 50
    late = [(c.service_started_at - c.handed_over_at).total_seconds() for c in served]
    assert sum(lead == -1 for lead in late) / len(late) == pytest.approx(0.68, abs=0.01)
    assert min(late) == -468
    assert all(c.service_ended_at >= c.service_started_at for c in served)
