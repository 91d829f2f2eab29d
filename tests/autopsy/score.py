"""``make score-autopsy``: the autopsy on an estate in which every cause occurs, as a matrix.

It ends with one JSON line. Three estates in one warehouse: two days on which calls lose their
identifiers in every way that hits single calls; a day of which LiveKit and the traces were not
pulled; and a day that was pulled after Voice Insights had forgotten it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.simulator import FaultProfile
from tests.autopsy.matrix import Matrix, cases
from tests.incremental.deliveries import Delivered, Zones, estate_records
from tests.incremental.runner import DbtBuilds

SEED = 17
LOST = (
    "missing_agent_session",
    "missing_agent_job",
    "missing_sip_headers",
    "missing_trace",
    "constant_trace_id",
    "zero_trace_id",
    "stripped_room_name",
)
# Unequal rates: faults of one rate would fall on the same calls.
MANY = {fault: 0.012 + 0.001 * number for number, fault in enumerate(LOST)}
MANY |= {"sampled_trace": 0.9, "missing_connect_link": 0.005}
MANY |= {"deleted_recording": 0.1, "unfinished_call": 0.06, "late_delivery": 0.01}
AGENT_SIDE = ("agentSessionId", "agentRoomName", "traceId", "traceSpans")


@dataclass(frozen=True)
class Part:
    """One estate: what goes wrong in it, which streams stay away, and the reason that they give."""

    name: str
    start: date
    landed_on: date
    calls: int
    days: int
    profile: FaultProfile
    held_back: tuple[str, ...] = ()
    not_there: tuple[tuple[str, str], ...] = ()


def parts(calls: int) -> list[Part]:
    """The three estates; the two small ones have a twentieth of the calls."""
    few = max(20, calls // 20)
    return [
        Part("lost", date(2026, 5, 1), date(2026, 5, 4), calls, 2,
             FaultProfile.of("faulty", MANY)),
        Part("not_pulled", date(2026, 5, 10), date(2026, 5, 12), few, 1,
             FaultProfile.of("clean"), ("livekit.", "otlp."),
             tuple((role, "not_landed") for role in (*AGENT_SIDE, "crmObjectId"))),
        Part("forgotten", date(2026, 6, 1), date(2026, 8, 1), few, 1,
             FaultProfile.of("clean", {"missing_sip_headers": 0.3}), ("twilio.summaries",),
             (("sipCallId", "expired_at_provider"), ("crmObjectId", "not_landed"))),
    ]  # fmt: skip


def score(home: Path, calls: int, seed: int) -> Matrix:
    """Build the estates' warehouse under ``home`` and count what it tells of them."""
    zones, warehouse = Zones(home / "zones"), home / "warehouse" / "w.duckdb"
    warehouse.parent.mkdir()
    for number, part in enumerate(parts(calls)):
        zones.land(
            _records(home / part.name, part, seed + number),
            datetime.combine(part.landed_on, datetime.min.time(), UTC),
        )
    zones.redact()
    builds = DbtBuilds(home / "dbt").over(
        zones.redacted, zones.call_ids, {"CALLSTORY_TRACE_SAMPLE_RATE": "0.1"}
    )
    builds.build(warehouse=warehouse, full_refresh=True)
    matrix = Matrix()
    for part in parts(calls):
        matrix.add(cases(warehouse, home / part.name / "truth", dict(part.not_there)))
    return matrix


def _records(home: Path, part: Part, seed: int) -> list[Delivered]:
    records = estate_records(
        home,
        calls=part.calls,
        days=part.days,
        start=part.start,
        seed=seed,
        profile=part.profile,
    )
    # The simulator numbers tickets alike in every estate.
    return [
        record
        for record in records
        if not f"{record.stream.provider}.{record.stream.name}".startswith(part.held_back or "-")
        and (part.name == "lost" or record.stream.name != "tickets")
    ]


def main() -> None:
    """Print the matrix, what was told wrong, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callstory-autopsy-") as folder:
        matrix = score(Path(folder), options.calls, options.seed)
    print(matrix.text())
    print(matrix.told_of())
    shares = {mark: round(matrix.share(mark), 4) for mark in ("right", "unknown", "wrong")}
    print(json.dumps({**shares, "cases": matrix.marks.total(), "seed": options.seed}))


if __name__ == "__main__":
    main()
