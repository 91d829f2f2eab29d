-- One row per record whose ID a call has, or may have had when less had landed.
--
-- A call's derived ID belongs to the record that landed first of its component. A record can only
-- ever have been that if no record that shares an alias with it landed before it; so these
-- candidates are all the derived IDs that any earlier run can have published.
with

stated as (
    {{ unnested(
        ref('int_identity__record_component'), 'nodes', 'record_id, component, landing_rank'
    ) }}
),

firsts as (
    select
        item,
        min(landing_rank) as first_landing_rank
    from stated
    group by item
),

once_first as (
    select
        stated.record_id,
        stated.component,
        stated.landing_rank
    from stated
    inner join firsts on stated.item = firsts.item
    group by stated.record_id, stated.component, stated.landing_rank
    having min(firsts.first_landing_rank) = stated.landing_rank
),

-- The record's own identifier, or the best it has. Guards do not matter here, so that the ID stays
-- when an alias turns bad later.
named as (
    select
        once_first.record_id,
        once_first.component,
        once_first.landing_rank,
        coalesce(min(starts.first_started_at), min(observations.started_at)) as started_at,
        {{ min_by(
            "observations.namespace || ':' || observations.alias_value",
            "case when observations.kind = 'identifying'"
            ~ " and observations.unusable_reason is null"
            ~ " then observations.alias_rank || '|' || observations.namespace"
            ~ " || ':' || observations.alias_value end"
        ) }} as best_alias
    from once_first
    inner join {{ ref('int_identity__alias_observation') }} as observations
        on once_first.record_id = observations.record_id
    left join {{ ref('int_identity__first_start') }} as starts
        on once_first.record_id = starts.record_id
    group by once_first.record_id, once_first.component, once_first.landing_rank
),

-- Records that share a start and an alias which joins nothing would share an ID: it stays with the
-- one that landed first, which may have been published under it when the alias was still good.
distinguished as (
    select
        *,
        case
            when
                best_alias is not null
                and landing_rank = min(landing_rank) over (partition by best_alias, started_at)
                then best_alias
            else 'record:' || record_id
        end as first_alias
    from named
)

select
    record_id,
    component,
    landing_rank,
    started_at,
    first_alias,
    'call_' || {{ ulid('started_at', sha256_hex('first_alias')) }} as derived_call_id
from distinguished
