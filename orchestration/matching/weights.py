"""Weights of evidence, windows and the share with a partner, learnt from candidates of known truth.

The weight of a feature's level is ln(m / u): m is its share among true pairs (hand-offs of the part
``train``), u its share among the other candidates of the same sides, both with half a case added
(Fellegi and Sunter 1969). Levels of the end's difference are shares among calls as long as these.
"""

from __future__ import annotations

from typing import Any

import duckdb

DEFAULT_SHARE = 0.9
_MIN_LEFTS = 200
_SHARE_BOUNDS = (0.02, 0.995)
_ROUNDS = 60


def window_ms(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Half the width of each pair's window: twice where 99.5 % of true pairs lie, 2 s at least."""
    rows = con.execute(
        """
        select
            pairs.pair, pairs.window_ms,
            quantile_cont(abs(rights.aligned_ms - lefts.aligned_ms), 0.995) as usual, count(*)
        from match_pair as pairs
        left join hidden on pairs.pair = hidden.pair and hidden.part = 'train'
        left join work.matching.int_matching__waiting as lefts
            on hidden.pair = lefts.pair and hidden.left_side_id = lefts.side_id
        left join work.matching.int_matching__waiting as rights
            on hidden.pair = rights.pair and hidden.right_side_id = rights.side_id
        group by all
        """
    ).fetchall()
    return {
        pair: widest if usual is None else int(min(widest, max(2000, 2 * usual)))
        for pair, widest, usual, _ in rows
    }


_LESSONS = """
create or replace temp table lesson as
select
    candidate.*,
    truth.right_side_id = candidate.right_side_id as is_true
from work.matching.int_matching__candidate as candidate
inner join hidden as truth
    on candidate.pair = truth.pair and candidate.left_side_id = truth.left_side_id
where truth.part = 'train'
"""


def weights(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of the calibration's table ``weight``, for the features that ``match_feature`` names.

    Args:
        con: the workbench, with ``hidden`` (the true pairs) and the candidates.
    """
    con.execute(_LESSONS)
    rows: list[dict[str, Any]] = []
    for (feature,) in con.execute(
        "select distinct feature from match_feature order by 1"
    ).fetchall():
        group = "split_part(level, ' ', 2)" if feature == "end" else "''"
        found = con.execute(
            f"""
            with counted as (
                select
                    pair, {feature}_level as level,
                    count(*) filter (where is_true) as same,
                    count(*) filter (where not is_true) as other
                from lesson
                where
                    {feature}_level is not null
                    and pair in (select pair from match_feature where feature = ?)
                group by all
            ),
            shares as (
                select
                    pair, level,
                    (same + 0.5) / sum(same + 0.5) over (partition by pair, {group}) as m,
                    (other + 0.5) / sum(other + 0.5) over (partition by pair, {group}) as u
                from counted
            )
            select pair, level, m, u, ln(m / u) from shares order by all
            """,  # noqa: S608 - a feature's name is one of the seed's accepted values
            [feature],
        ).fetchall()
        rows += [
            {"pair": pair, "feature": feature, "level": level, "m": m, "u": u, "weight": weight}
            for pair, level, m, u, weight in found
        ]
    return rows


_LIVE = """
create or replace temp table live_left as
select waiting.pair, waiting.side_id
from work.matching.int_matching__waiting as waiting
inner join population on waiting.side_id = population.side_id
where waiting.role = 'left' and population.part = 'live'
"""


def partner_shares(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Per pair, the share of waiting left sides that have a partner; none for a pair with too few.

    The candidates of sides that truly wait are a mixture of partners and strangers, whose weights
    are known: the share that explains them best is the share with a partner.
    """
    con.execute(_LIVE)
    shares = {}
    for pair, left_count in con.execute(
        "select pair, count(*) from live_left group by pair having count(*) >= ? order by 1",
        [_MIN_LEFTS],
    ).fetchall():
        ratios = con.execute(
            "select least(exp(evidence), 1e12) as ratio from work.matching.int_matching__scored"
            " semi join live_left on left_side_id = side_id where int_matching__scored.pair = ?",
            [pair],
        ).fetchnumpy()["ratio"]
        total = con.execute(
            "select count(*) from work.matching.int_matching__candidate as candidate"
            " semi join live_left on left_side_id = side_id where candidate.pair = ?",
            [pair],
        ).fetchall()[0][0]
        if total:
            shares[pair] = _partner_share(ratios, total, left_count)
    return shares


def _partner_share(ratios: Any, candidates: int, left_count: int) -> float:
    """Expectation maximisation over likelihood ratios; those left out of ``ratios`` are 0."""
    expected = DEFAULT_SHARE * left_count
    for _ in range(_ROUNDS):
        prior = min(expected / candidates, 0.999)
        expected = float((prior * ratios / (prior * ratios + 1 - prior)).sum())
    low, high = _SHARE_BOUNDS
    return round(min(max(expected / left_count, low), high), 4)
