"""Real calls split into two systems without a shared key: the Technion's Anonymous Bank, 1999.

``anonymous_bank_1999_02.tsv`` is read where it lies (``SHARED_DATA``, or ../shared/data
beside the project) and never copied into the project. A row whose outcome is AGENT becomes an IVR
side, whose ``started_at`` is the hand-over (end of the queue, or of the IVR's part if the caller
did not queue), and an agent side, the service. HANG and PHANTOM rows were handed to nobody, even
the 375 that name a service time. 50 AGENT rows name none: their IVR side has no counterpart.

Times are the bank's wall clock, taken as UTC. The IVR has two clocks (the four first letters of
``vru+line``), the agents one. A service begins one second *before* the hand-over in two of three
calls; that, the tail to -468 s, and 25 IVR entries after their exits are the data's, and stay.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.matching.sides import TRUTH_SCHEMA, Sides, side_table

NAME = "anonymous_bank_1999_02.tsv"
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MIDNIGHT = "0:00:00"
HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Call:
    """One row that was handed to an agent. Without a service time both ends are None."""

    call_id: str
    ivr: str
    customer: str | None
    service: str
    handed_over_at: datetime
    service_started_at: datetime | None
    service_ended_at: datetime | None


@dataclass(frozen=True)
class Setting:
    """How the two systems are made of the rows.

    ``skew_s`` and ``drift_s_per_day`` (from the 1st on) are added to the agents' clock;
    ``missing`` is the share of agent sides that are left out; both sides are cut to
    ``resolution_s`` whole seconds. ``tokens`` puts the customer number, where recorded, on both.
    """

    reason: bool = True
    tokens: bool = False
    missing: float = 0.0
    skew_s: float = 0.0
    drift_s_per_day: float = 0.0
    resolution_s: int = 1
    seed: int = 7


def path() -> Path:
    """Where the calls lie; the file may not be there."""
    return Path(os.environ.get("SHARED_DATA") or BESIDE) / NAME


def _next(clock: str, previous: datetime) -> datetime:
    """The instant nearest to ``previous`` at which a clock shows this: times bear no date."""
    hours, minutes, seconds = map(int, clock.split(":"))
    instant = previous.replace(hour=hours, minute=minutes, second=seconds)
    if instant - previous > HALF_DAY:
        return instant - timedelta(days=1)
    return instant + timedelta(days=1) if previous - instant > HALF_DAY else instant


def read_call(row: dict[str, str]) -> Call:
    """Read a row that was handed to an agent."""
    noon = datetime.fromisoformat(f"19{row['date']}T12:00:00")
    handed_over_at = _next(row["vru_exit"], _next(row["vru_entry"], noon))
    if int(row["q_time"]) > 0:
        handed_over_at = _next(row["q_exit"], _next(row["q_start"], handed_over_at))
    started_at = ended_at = None
    if int(row["ser_time"]) > 0 or row["ser_start"] != MIDNIGHT:
        started_at = _next(row["ser_start"], handed_over_at)
        # A service is never longer than the file's longest, an hour and a quarter.
        ended_at = _next(row["ser_exit"], started_at)
    return Call(
        call_id=f"{row['vru+line']}-{row['call_id']}",
        ivr=row["vru+line"][:4],
        customer=None if row["customer_id"] == "0" else row["customer_id"],
        service=row["type"].strip(),
        handed_over_at=handed_over_at,
        service_started_at=started_at,
        service_ended_at=ended_at,
    )


@cache
def calls() -> tuple[Call, ...]:
    """Every call that was handed to an agent, in the file's order."""
    with path().open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return tuple(read_call(row) for row in rows if row["outcome"].strip() == "AGENT")


def keeps_its_key(call: Call) -> bool:
    """The half to learn from: the calls of odd days."""
    return call.handed_over_at.day % 2 == 1


def _cut(instant: datetime, resolution_s: int) -> datetime:
    whole = int((instant - datetime(1970, 1, 1)).total_seconds() // resolution_s) * resolution_s
    return datetime(1970, 1, 1) + timedelta(seconds=whole)


def _ivr_rows(handed: list[Call], ids: list[str], setting: Setting) -> Iterator[dict[str, object]]:
    for call, side_id in zip(handed, ids, strict=True):
        yield {
            "side_id": side_id,
            "canonical_call_id": call.call_id if keeps_its_key(call) else side_id,
            "side": "ivr",
            "clock_source": f"ivr:{call.ivr}",
            "started_at": _cut(call.handed_over_at, setting.resolution_s),
            "ended_at": None,
            "caller_token": call.customer if setting.tokens else None,
            "reason": call.service if setting.reason else None,
        }


def _agent_rows(
    served: list[Call], ids: list[str], setting: Setting
) -> Iterator[dict[str, object]]:
    first = datetime(1999, 2, 1)
    for call, side_id in zip(served, ids, strict=True):
        assert call.service_started_at
        assert call.service_ended_at
        days = (call.service_started_at - first) / timedelta(days=1)
        error = timedelta(seconds=setting.skew_s + setting.drift_s_per_day * days)
        yield {
            "side_id": side_id,
            "canonical_call_id": call.call_id if keeps_its_key(call) else side_id,
            "side": "agent",
            "clock_source": "agent:bank",
            "started_at": _cut(call.service_started_at + error, setting.resolution_s),
            "ended_at": _cut(call.service_ended_at + error, setting.resolution_s),
            "caller_token": call.customer if setting.tokens else None,
            "reason": call.service if setting.reason else None,
        }


def _table(rows: list[dict[str, object]], resolution_s: int) -> pa.Table:
    columns: dict[str, object] = {key: [row[key] for row in rows] for key in rows[0]}
    columns["account"] = ["bank"] * len(rows)
    columns["resolution_ms"] = [resolution_s * 1_000] * len(rows)
    return side_table(columns, len(rows))


def load(setting: Setting | None = None, handed: tuple[Call, ...] | None = None) -> Sides:
    """IVR sides (left) and agent sides (right), with their truth.

    ``truth.keyed`` is true for the calls that keep their key (``keeps_its_key``); these are to
    learn from, the others to score. Side IDs are numbers in random order and tell nothing.

    Raises:
        FileNotFoundError: the data is not there and ``handed`` is not given.
    """
    setting = setting or Setting()
    rng = np.random.default_rng(setting.seed)
    lefts = list(handed if handed is not None else calls())
    kept = rng.random(len(lefts)) >= setting.missing
    left_ids = [f"ivr:{number}" for number in rng.permutation(len(lefts))]
    at = [n for n, call in enumerate(lefts) if call.service_started_at and kept[n]]
    right_ids = [f"agent:{number}" for number in rng.permutation(len(at))]
    rights = [lefts[n] for n in at]
    truth = pa.table(
        [[left_ids[n] for n in at], right_ids, [keeps_its_key(call) for call in rights]],
        schema=TRUTH_SCHEMA,
    )
    left_rows = list(_ivr_rows(lefts, left_ids, setting))
    right_rows = list(_agent_rows(rights, right_ids, setting))
    left, right = (_table(rows, setting.resolution_s) for rows in (left_rows, right_rows))
    return Sides(left, right, truth)
