-- One row per side of a hand-off among the calls of this run.
with

sides as (
    select * from {{ ref('int_matching__call_sides') }}
    union all
    select * from {{ ref('int_matching__agent_sides') }}
)

select
    side || ':' || record_id as side_id,
    *,
    cast(started_at as date) as side_day
from sides
where started_at is not null
