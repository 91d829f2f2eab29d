"""What the matcher is compared with: joins by time, a rule, and Splink.

Each is a function (left, right) of tables as ``tests.matching.sides.SIDE_SCHEMA`` to pairs as
``tests.matching.scoring.PAIR_SCHEMA``. None corrects clocks, as none has a way to.

* ``asof``: DuckDB's ASOF join by account, both ways, and the nearer of the two.
* ``asof_token``: the same by account and caller token.
* ``merge_asof``: pandas' join by account to the nearest.
* ``window_rule``: all pairs of an account within 10 s; the token is equal, or missing and the
  durations differ by less than 3 s; of these the mutual best by token, duration and start.
* ``splink``: Splink's Fellegi-Sunter model and one-to-one clustering, see ``splink``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pyarrow as pa

from tests.benchmarks.bench_identity import connect
from tests.matching.scoring import PAIR_SCHEMA

Baseline = Callable[[pa.Table, pa.Table], pa.Table]

WINDOW_S = 10
SPLINK_KEEPS = 0.001  # pairs below this probability are not clustered
SPLINK_TRAINS_ON = 5_000_000  # pairs, at most
# Agent minus telephony, in seconds: many narrow levels where true pairs may lie.
START_EDGES_S = (-4, -2, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8)
DURATION_EDGES_S = (-15, -8, -5, -4, -3, -2, -1, 0, 1, 2, 4, 8, 15)

# Buckets of twice the window, also shifted by half: a pair within the window shares one of them.
SPLINK_INPUT = f"""
    select side_id as unique_id, account, caller_token, called_token, direction,
        {{sign}} * epoch_ms(started_at) / 1000.0 as start_s,
        {{sign}} * (epoch_ms(ended_at) - epoch_ms(started_at)) / 1000.0 as duration_s,
        epoch_ms(started_at) // {2_000 * WINDOW_S} as bucket,
        (epoch_ms(started_at) + {1_000 * WINDOW_S}) // {2_000 * WINDOW_S} as shifted_bucket
    from {{table}}
"""


def _database(left: pa.Table, right: pa.Table) -> Any:
    """Both as tables: of a registered Arrow table DuckDB guesses one row, and joins by loops."""
    connection = connect(":memory:")
    for name, table in (("left_side", left), ("right_side", right)):
        connection.register("given", table)
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    return connection


def _pairs(connection: Any, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table().cast(PAIR_SCHEMA)


def _nearest(left: pa.Table, right: pa.Table, by: str) -> pa.Table:
    ways = " union all ".join(
        "select l.side_id as left_side_id, r.side_id as right_side_id,"
        f" {distance} as apart from left_side as l asof join right_side as r"
        f" on {by} and l.started_at {way} r.started_at"
        for way, distance in (
            ("<=", "r.started_at - l.started_at"),
            (">=", "l.started_at - r.started_at"),
        )
    )
    return _pairs(
        _database(left, right),
        "select left_side_id, arg_min(right_side_id, apart) as right_side_id,"
        f" null::double as confidence from ({ways}) group by left_side_id",
    )


def asof(left: pa.Table, right: pa.Table) -> pa.Table:
    return _nearest(left, right, "l.account = r.account")


def asof_token(left: pa.Table, right: pa.Table) -> pa.Table:
    return _nearest(left, right, "l.account = r.account and l.caller_token = r.caller_token")


def merge_asof(left: pa.Table, right: pa.Table) -> pa.Table:
    import pandas as pd

    columns = ["started_at", "account", "side_id"]
    sides = [table.select(columns).to_pandas().sort_values("started_at") for table in (left, right)]
    found = pd.merge_asof(
        *sides, on="started_at", by="account", direction="nearest", suffixes=("_left", "_right")
    ).dropna(subset=["side_id_right"])
    ids = [found[f"side_id_{side}"].astype(object).tolist() for side in ("left", "right")]
    return pa.table([*ids, [None] * len(found)], schema=PAIR_SCHEMA)


def window_rule(left: pa.Table, right: pa.Table) -> pa.Table:
    connection = _database(left, right)
    # Each leg in the two buckets that its window touches, as an equality join.
    connection.execute(f"""
        create table candidate as
        with bucketed as (
            select distinct *, unnest([
                (epoch_ms(started_at) - {1_000 * WINDOW_S}) // {2_000 * WINDOW_S},
                (epoch_ms(started_at) + {1_000 * WINDOW_S}) // {2_000 * WINDOW_S}
            ]) as bucket
            from left_side
        )
        select distinct l.side_id as left_side_id, r.side_id as right_side_id,
            abs(epoch_ms(r.started_at) - epoch_ms(l.started_at)) as start_ms,
            abs(epoch_ms(r.ended_at) - epoch_ms(r.started_at)
                - epoch_ms(l.ended_at) + epoch_ms(l.started_at)) as duration_ms,
            coalesce(l.caller_token = r.caller_token, false) as same_token
        from bucketed as l join right_side as r
            on l.account = r.account and epoch_ms(r.started_at) // {2_000 * WINDOW_S} = l.bucket
        where abs(epoch_ms(r.started_at) - epoch_ms(l.started_at)) <= {1_000 * WINDOW_S}
            and case when l.caller_token = r.caller_token then duration_ms < 20_000
                when l.caller_token is null or r.caller_token is null then duration_ms < 3_000
            end
    """)
    order = "same_token desc, duration_ms, start_ms"
    return _pairs(
        connection,
        f"""
        select left_side_id, right_side_id, null::double as confidence from candidate
        qualify row_number() over (partition by left_side_id order by {order}, right_side_id) = 1
            and row_number() over (partition by right_side_id order by {order}, left_side_id) = 1
        """,
    )


def _levels(column: str, edges: tuple[float, ...]) -> dict[str, Any]:
    """A comparison of agent minus telephony; whatever table Splink puts left, signs are right."""
    difference = f'("{column}_l" + "{column}_r")'
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": f"{difference} is null",
            "label_for_charts": "missing",
            "is_null_level": True,
        }
    ]
    for low, high in pairwise(edges):
        condition = f"{difference} >= {low} and {difference} < {high}"
        levels.append({"sql_condition": condition, "label_for_charts": f"from {low} s"})
    levels.append({"sql_condition": "ELSE", "label_for_charts": "further"})
    return {"output_column_name": column, "comparison_levels": levels}


def splink(left: pa.Table, right: pa.Table) -> pa.Table:
    """Splink, given what it can use.

    Blocking: account and time, in 20 s buckets, also shifted by 10 s, so that every pair within
    10 s is compared. Comparisons: start and duration difference in narrow signed levels, caller
    token with its frequency, called number, direction. m, u and the share of matches come from
    expectation maximisation on the blocked pairs: u of random pairs would say next to nothing
    of a time difference. One-to-one clustering keeps what is likelier than ``SPLINK_KEEPS``, with
    Splink's probability, so that a reader can choose the threshold.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = _database(left, right)
    api = DuckDBAPI(connection)
    tables = []
    for name, table, sign in (("telephony", "left_side", -1), ("agent", "right_side", 1)):
        connection.execute(f"create table {name} as {SPLINK_INPUT.format(table=table, sign=sign)}")
        tables.append(api.register(name, dataset_display_name=name))
    rules = [block_on("account", "bucket"), block_on("account", "shifted_bucket")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            _levels("start_s", START_EDGES_S),
            _levels("duration_s", DURATION_EDGES_S),
            cl.ExactMatch("caller_token").configure(term_frequency_adjustments=True),
            cl.ExactMatch("called_token"),
            cl.ExactMatch("direction"),
        ],
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_parameters_using_expectation_maximisation(
        rules[0],
        fix_u_probabilities=False,
        populate_probability_two_random_records_match_from_trained_values=True,
        max_pairs=SPLINK_TRAINS_ON,
    )
    predicted = linker.inference.predict(threshold_match_probability=SPLINK_KEEPS)
    clusters = linker.clustering.cluster_using_single_best_links(
        predicted,
        duplicate_free_datasets=["telephony", "agent"],
        threshold_match_probability=SPLINK_KEEPS,
    )
    return _pairs(
        connection,
        f"""
        with pair as (
            select max(unique_id) filter (source_dataset = 'telephony') as left_side_id,
                max(unique_id) filter (source_dataset = 'agent') as right_side_id
            from {clusters.physical_name} group by cluster_id having count(*) = 2
        ),
        predicted as (
            select match_probability,
                if(source_dataset_l = 'telephony', unique_id_l, unique_id_r) as left_side_id,
                if(source_dataset_l = 'telephony', unique_id_r, unique_id_l) as right_side_id
            from {predicted.physical_name}
        )
        select left_side_id, right_side_id, match_probability as confidence
        from pair join predicted using (left_side_id, right_side_id)
        """,
    )


BASELINES: dict[str, Baseline] = {
    "asof": asof,
    "asof_token": asof_token,
    "merge_asof": merge_asof,
    "window_rule": window_rule,
    "splink": splink,
}
