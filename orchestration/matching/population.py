"""Whom a calibration looks at: sides that wait for a partner, and hand-offs with hidden keys.

Of each pair of sides, the calls that hold both are hand-offs with a known answer. Half of them
teach (``train``), the other half test (``blind``); the digest of the call's ID decides which. In
the workbench both look like calls that never kept a key, in the crowd of those that never did.
"""

from __future__ import annotations

import duckdb

SAMPLE = 10_000
"""About how many hand-offs of a pair are looked at, where there are more."""
SLOT_S = 1800
_MARGIN_S = 120

_HAND_OFFS = """
create or replace table hand_off as
with numbered as (
    select
        pairs.pair,
        role,
        sides.side_id,
        sides.canonical_call_id,
        row_number() over (
            partition by pairs.pair, role, sides.canonical_call_id
            order by sides.started_at, sides.side_id
        ) as place,
        count(*) over (partition by pairs.pair, role, sides.canonical_call_id) as side_count
    from match_pair as pairs
    cross join (values ('left'), ('right')) as roles (role)
    inner join known_side as sides
        on sides.side = case when role = 'left' then pairs.left_side else pairs.right_side end
    where sides.canonical_call_id is not null
),
tied as (
    select
        lefts.pair,
        lefts.side_id as left_side_id,
        rights.side_id as right_side_id,
        md5(lefts.canonical_call_id) as digest
    from numbered as lefts
    inner join numbered as rights
        on
            lefts.pair = rights.pair
            and lefts.canonical_call_id = rights.canonical_call_id
            and lefts.place = rights.place
            and lefts.side_count = rights.side_count
    where lefts.role = 'left' and rights.role = 'right'
)
select
    pair,
    left_side_id,
    right_side_id,
    digest,
    case when ascii(substr(digest, 2, 1)) % 2 = 0 then 'train' else 'blind' end as part
from tied
"""

_WAITING = """
create or replace table waiting_side as
with held as (
    select distinct canonical_call_id, side from known_side where canonical_call_id is not null
)
select pairs.pair, roles.role, sides.*
from match_pair as pairs
cross join (values ('left'), ('right')) as roles (role)
inner join known_side as sides
    on sides.side = case when roles.role = 'left' then pairs.left_side else pairs.right_side end
where
    not exists (
        select 1 from held
        where
            held.canonical_call_id = sides.canonical_call_id
            and held.side
            = case when roles.role = 'left' then pairs.right_side else pairs.left_side end
    )
    and not exists (
        select 1 from held
        where
            roles.role = 'left' and held.canonical_call_id = sides.canonical_call_id
            and held.side = pairs.left_unless
    )
"""

# A side stands for itself in each pair: its kind is renamed, so that pairs do not meet.
_SIDES = """
create or replace table population as
select
    pair || ':' || side_id as side_id,
    record_id,
    pair || ':' || side_id as canonical_call_id,
    pair || ':' || role as side,
    clock_source, account, started_at, ended_at, caller_token, called_token, environment,
    direction, region, language, reason, side_day,
    pair, role, part, side_id as own_side_id
from (
    select *, 'live' as part from waiting_side
    union all by name
    select hand_off.pair, 'left' as role, known_side.*, hand_off.part
    from hand_off inner join known_side on hand_off.left_side_id = known_side.side_id
    union all by name
    select hand_off.pair, 'right' as role, known_side.*, hand_off.part
    from hand_off inner join known_side on hand_off.right_side_id = known_side.side_id
) as people
"""


# Whole half hours, by digest: the crowd around each hand-off stays as it was.
_CHOSEN = """
create or replace temp table chosen as
with placed as (
    select hand_off.pair, epoch(known_side.started_at) // ? as slot, count(*) as calls
    from hand_off inner join known_side on hand_off.left_side_id = known_side.side_id
    group by all
)
select pair, slot
from placed
qualify
    sum(calls) over (
        partition by pair order by md5(pair || slot), slot rows unbounded preceding
    ) - calls < ?
"""
_KEEP = """
delete from population where not exists (
    select 1 from chosen
    where
        chosen.pair = population.pair
        and epoch(population.started_at) between chosen.slot * ? - ? and (chosen.slot + 1) * ? + ?
)
"""
_HEAR = """
delete from hand_off
where
    pair || ':' || left_side_id not in (select side_id from population)
    or pair || ':' || right_side_id not in (select side_id from population)
"""


def populate(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``hand_off``, ``waiting_side`` and ``population`` from ``known_side``, ``match_pair``.

    ``known_side`` has the columns of ``int_matching__side``; ``match_pair`` is the seed.
    """
    con.execute(_HAND_OFFS)
    con.execute(_WAITING)
    con.execute(_SIDES)


def thin(con: duckdb.DuckDBPyConnection, sample: int = SAMPLE) -> None:
    """Leave of the population the half hours with about ``sample`` hand-offs of each pair.

    Clocks are read before: a day needs all its calls. A pair with fewer hand-offs stays whole but
    for the half hours without any, from which nothing is learnt.
    """
    con.execute(_CHOSEN, [SLOT_S, sample])
    con.execute(_KEEP, [SLOT_S, _MARGIN_S, SLOT_S, _MARGIN_S])
    con.execute(_HEAR)
