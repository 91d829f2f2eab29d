"""What the blindfold test says: precision, recall and abstention, and a scale for confidence."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
from scipy.optimize import minimize
from scipy.stats import binomtest

_MIN_SCALE = 200

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

    From the candidates of the hand-offs that teach. None for a pair with too few of them: its
    beliefs are taken as they are.
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
            order by all
            """,
            [pair],
        ).fetchnumpy()
        belief, truth = np.asarray(found["raw_confidence"]), np.asarray(found["is_true"], float)
        if truth.sum() >= _MIN_SCALE:
            intercept, slope = scaled(belief, truth)
            rows.append({"pair": pair, "intercept": intercept, "slope": slope})
    return rows


def scaled(belief: Any, truth: Any) -> tuple[float, float]:
    """Intercept and slope of the logit of truth over the logit of belief (Platt 1999).

    Drawn to 0 and 1 by the weight of one standard deviation, so that beliefs that all came true
    do not become certainty.

    Args:
        belief: beliefs, 0 to 1.
        truth: 1 or 0 for each.
    """
    bounded = np.clip(belief, 1e-6, 1 - 1e-9)
    logit = np.log(bounded / (1 - bounded))

    def loss(terms: Any) -> float:
        odds = terms[0] + terms[1] * logit
        misfit = np.logaddexp(0, odds).sum() - (truth * odds).sum()
        return float(misfit + (terms[0] ** 2 + (terms[1] - 1) ** 2) / 2)

    intercept, slope = minimize(loss, [0.0, 1.0]).x
    return round(float(intercept), 4), round(float(slope), 4)
