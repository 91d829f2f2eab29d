"""What the blindfold test says: precision, recall and abstention, and a scale for confidence."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
from scipy.optimize import isotonic_regression
from scipy.stats import binomtest

_MIN_SCALE = 200
_MIN_STEP = 30

# A hand-off whose partner the test has taken away can only be linked wrongly.
_OUTCOMES = """
create or replace table outcome as
select
    hidden.pair,
    lefts.side_day as day,
    case
        when coalesce(crowd.candidates, 0) <= 2 then 'quiet'
        when crowd.candidates <= 8 then 'usual'
        else 'busy'
    end as traffic,
    not hidden.is_alone as has_partner,
    links.right_side_id is not null as is_linked,
    links.right_side_id is not null and not hidden.is_alone
    and links.right_side_id = hidden.right_side_id as is_right
from hidden
inner join population as lefts on hidden.left_side_id = lefts.side_id
left join matching.int_matching__link as links
    on
        hidden.pair = links.pair and hidden.left_side_id = links.left_side_id
        and links.status in ('linked', 'candidate')
left join (
    select pair, left_side_id, max(left_candidate_count) as candidates
    from matching.int_matching__link
    group by pair, left_side_id
) as crowd on hidden.pair = crowd.pair and hidden.left_side_id = crowd.left_side_id
where hidden.part = 'blind'
"""

_COUNTS = """
select
    pair, day, traffic,
    count(*) filter (where has_partner), count(*) filter (where is_linked),
    count(*) filter (where is_right), count(*)
from outcome
group by grouping sets ((pair), (pair, day), (pair, traffic))
order by pair, day nulls first, traffic nulls first
"""


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); all of 0 to 1 where nothing was counted."""
    if not total:
        return 0.0, 1.0
    interval = binomtest(right, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def quality(
    con: duckdb.DuckDBPyConnection, refused: dict[tuple[str, Any], str]
) -> list[dict[str, Any]]:
    """Rows of the calibration's table ``quality``: per pair, per day and per level of traffic."""
    con.execute(_OUTCOMES)
    rows = []
    for pair, day, traffic, calls, linked, right, asked in con.execute(_COUNTS).fetchall():
        (low, high), (recalled, reached) = wilson(right, linked), wilson(right, calls)
        rows.append(
            {
                "pair": pair, "day": day and day.isoformat(), "traffic": traffic, "calls": calls,
                "linked": linked, "right_links": right,
                "link_precision": right / linked if linked else None,
                "precision_low": low, "precision_high": high,
                "recall": right / calls if calls else None,
                "recall_low": recalled, "recall_high": reached,
                "abstained": 1 - linked / asked, "refused_reason": None,
            }
        )  # fmt: skip
    told = {(row["pair"], row["day"]): row for row in rows if row["day"]}
    for (pair, day), reason in sorted(refused.items()):
        row = told.get((pair, day.isoformat()))
        if row:
            row["refused_reason"] = reason
        else:
            rows.append(
                {"pair": pair, "day": day.isoformat(), "calls": 0, "refused_reason": reason}
            )
    return rows


def deciles(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of the calibration's table ``decile``, from candidates of blind hand-offs."""
    found = con.execute(
        """
        select
            links.pair, cast(least(floor(links.confidence * 10), 9) as bigint), count(*),
            round(avg(links.confidence), 6),
            count(*) filter (
                where links.right_side_id = hidden.right_side_id and not hidden.is_alone
            )
        from matching.int_matching__link as links
        inner join hidden
            on links.pair = hidden.pair and links.left_side_id = hidden.left_side_id
        where hidden.part = 'blind'
        group by all
        order by all
        """
    ).fetchall()
    rows = []
    for pair, decile, count, confidence, right in found:
        low, high = wilson(right, count)
        rows.append(
            {
                "pair": pair, "decile": decile, "candidates": count, "confidence": confidence,
                "true_share": right / count, "true_share_low": low, "true_share_high": high,
            }
        )  # fmt: skip
    return rows


def confidence_scale(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of the calibration's table ``confidence``: what a raw belief is worth.

    Isotonic regression over the candidates of the hand-offs that teach. None for a pair with too
    few of them: its beliefs are taken as they are.
    """
    rows = []
    for (pair,) in con.execute("select distinct pair from hidden order by 1").fetchall():
        found = con.execute(
            """
            select
                links.raw_confidence,
                links.right_side_id = hidden.right_side_id and not hidden.is_alone as is_true
            from matching.int_matching__link as links
            inner join hidden
                on links.pair = hidden.pair and links.left_side_id = hidden.left_side_id
            where hidden.part = 'train' and links.pair = ?
            order by links.raw_confidence, links.left_side_id, links.right_side_id
            """,
            [pair],
        ).fetchnumpy()
        belief, truth = np.asarray(found["raw_confidence"]), np.asarray(found["is_true"], float)
        if truth.sum() >= _MIN_SCALE:
            rows += [{"pair": pair, **step} for step in isotonic(belief, truth)]
    return rows


def isotonic(belief: Any, truth: Any) -> list[dict[str, float]]:
    """Steps of a rising share of truth over belief, each of 30 candidates at least.

    Args:
        belief: beliefs in ascending order, 0 to 1.
        truth: 1 or 0 for each.

    Returns:
        ``raw_from`` (included), ``raw_to`` (left out) and ``confidence``, without gaps from 0 to 2.
    """
    starts = np.unique(np.searchsorted(belief, belief[::_MIN_STEP]))
    if len(starts) > 1 and len(belief) - starts[-1] < _MIN_STEP:
        starts = starts[:-1]
    counts = np.diff([*starts, len(belief)])
    shares = np.add.reduceat(truth, starts) / counts
    fitted = isotonic_regression(shares, weights=counts)
    steps, edges = [], [0.0, *(float(belief[starts[block]]) for block in fitted.blocks[1:-1]), 2.0]
    for place, (first, last) in enumerate(pairwise(fitted.blocks)):
        count = int(counts[first:last].sum())
        # A share of all is not certainty: half a case against it is always left.
        confidence = min(float(fitted.x[first]), (count - 0.5) / count)
        steps.append(
            {
                "raw_from": edges[place],
                "raw_to": edges[place + 1],
                "confidence": round(confidence, 6),
            }
        )
    return steps
