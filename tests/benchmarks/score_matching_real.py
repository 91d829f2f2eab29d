"""``make score-matching-real``: the matcher on real calls, by setting (``tests.matching.bank``).

The calls of odd days keep their keys, those of even days are scored. Settings: service type as
hand-off reason or not, agent sides missing, clocks ahead by a constant or drifting, whole minutes.
Beside ours, what can be done by hand, without a correction of clocks:

* ``unique``: the only agent side (of the service type, if known) within 3 s of an IVR side;
* ``mutual``: each other's nearest within 5 s, given that a service begins a second early.

Ends with one line of JSON: per setting ``precision`` and ``recall`` (ours), ``abstained``,
``deciles`` (from, pairs, mean confidence, share of them true), ``unique`` and ``mutual``. Without
the data it says so and fails.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.matching import bank, ours, scoring
from tests.matching.sides import Sides

SETTINGS = {
    "plain": bank.Setting(reason=False),
    "reason": bank.Setting(),
    "missing_30": bank.Setting(reason=False, missing=0.3),
    "reason_missing_30": bank.Setting(missing=0.3),
    "reason_skew_7": bank.Setting(skew_s=7),
    "reason_skew_3600": bank.Setting(skew_s=3_600),
    "reason_skew_7200": bank.Setting(skew_s=7_200),
    "reason_missing_30_skew_3600": bank.Setting(missing=0.3, skew_s=3_600),
    "reason_drift_1": bank.Setting(drift_s_per_day=1),
    "reason_minutes": bank.Setting(resolution_s=60),
}


def _near(sides: Sides, lead_s: int, within_s: int, query: str) -> pa.Table:
    """Pairs of ``near``: of one reason, within so many seconds, agents' being ``lead_s`` early."""
    connection = duckdb.connect()
    for name, table in (("left_side", sides.left), ("right_side", sides.right)):
        connection.register("given", table)
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    connection.execute(
        "create table near as select l.side_id as left_side_id, r.side_id as right_side_id,"
        f" abs(epoch(r.started_at) + {lead_s} - epoch(l.started_at)) as apart_s"
        " from left_side as l join right_side as r"
        "   on l.reason is not distinct from r.reason"
        f"  and r.started_at between l.started_at - interval {within_s + lead_s} second"
        f"    and l.started_at + interval {within_s - lead_s} second"
    )
    found = connection.execute(
        f"select left_side_id, right_side_id, null::double as confidence from near {query}"
    )
    return found.to_arrow_table().cast(scoring.PAIR_SCHEMA)


def unique(sides: Sides) -> pa.Table:
    return _near(
        sides,
        0,
        3,
        "qualify count(*) over (partition by left_side_id) = 1",
    )


def mutual(sides: Sides) -> pa.Table:
    ranked = "row_number() over (partition by {0}_side_id order by apart_s, {1}_side_id) = 1"
    return _near(
        sides,
        1,
        5,
        f"qualify {ranked.format('left', 'right')} and {ranked.format('right', 'left')}",
    )


def score_by_hand(sides: Sides) -> dict[str, dict[str, float]]:
    known = scoring.unkeyed(sides)
    return {
        name: scoring.score(method(known), sides.truth).rounded()
        for name, method in (("unique", unique), ("mutual", mutual))
    }


def score_ours(sides: Sides, workdir: Path) -> dict[str, Any]:
    pairs = ours.match(sides, workdir)
    figures: dict[str, Any] = scoring.score(ours.accepted(pairs), sides.truth).rounded()
    figures["deciles"] = [
        [tenth.from_confidence, tenth.pairs, round(tenth.confidence, 4), round(tenth.true, 4)]
        for tenth in scoring.deciles(pairs, sides.truth)
    ]
    return figures


def show(name: str, method: str, figures: dict[str, Any]) -> None:
    columns = ("precision", "recall", "f1", "abstained")
    print(f"{name:<28}{method:<8}" + "".join(f"{figures[column]:>11.4f}" for column in columns))
    for start, pairs, confidence, true in figures.get("deciles", []):
        line = f"confidence from {start:.1f}: {pairs:>6} pairs, mean {confidence:.4f}, {true:.4f}"
        print(f"{'':<36}{line} true", flush=True)


def main(names: list[str], *, by_hand_only: bool) -> None:
    if not bank.path().exists():
        raise SystemExit(
            f"no real calls: {bank.NAME} is neither in ../shared/data nor in SHARED_DATA"
        )
    print(f"{'setting':<28}{'method':<8}{'precision':>11}{'recall':>11}{'f1':>11}{'abstained':>11}")
    result: dict[str, dict[str, Any]] = {}
    for name in names:
        sides = bank.load(SETTINGS[name])
        figures: dict[str, Any] = score_by_hand(sides)
        for method, row in figures.items():
            show(name, method, row)
        if not by_hand_only:
            with tempfile.TemporaryDirectory(prefix="callstory-score-") as folder:
                mine = score_ours(sides, Path(folder))
            show(name, "ours", mine)
            figures = {**mine, **figures}
        result[name] = figures
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--by-hand-only", action="store_true")
    options = parser.parse_args()
    main(options.settings.split(","), by_hand_only=options.by_hand_only)
