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
        min(observations.landed_at) as landed_at,
        coalesce(min(starts.first_started_at), min(observations.started_at)) as started_at,
        min(
            case
                when observations.kind = 'identifying' and observations.unusable_reason is null
                    then
                        observations.alias_rank || '|' || observations.namespace
                        || ':' || observations.alias_value
            end
        ) as ranked_alias
    from once_first
    inner join {{ ref('int_identity__alias_observation') }} as observations
        on once_first.record_id = observations.record_id
    left join {{ ref('int_identity__first_start') }} as starts
        on once_first.record_id = starts.record_id
    group by once_first.record_id, once_first.component, once_first.landing_rank
),

-- Records that share a start and an alias which joins nothing would share an ID: it stays with the
-- one that landed first of all that state it, which may have been published under it when the alias
-- was still good. Who else states it does not change when calls merge.
stated_before as (
    select distinct named.record_id
    from named
    inner join {{ ref('int_identity__alias_observation') }} as others
        on
            substr(named.ranked_alias, instr(named.ranked_alias, '|') + 1)
            = others.namespace || ':' || others.alias_value
            and others.kind = 'identifying'
            and named.record_id != others.record_id
    left join {{ ref('int_identity__first_start') }} as starts
        on others.record_id = starts.record_id
    where
        coalesce(starts.first_started_at, others.started_at) is not distinct from named.started_at
        and (
            others.landed_at < named.landed_at
            or (others.landed_at = named.landed_at and others.record_id < named.record_id)
        )
),

distinguished as (
    select
        named.*,
        case
            when named.ranked_alias is not null and stated_before.record_id is null
                then substr(named.ranked_alias, instr(named.ranked_alias, '|') + 1)
            else 'record:' || named.record_id
        end as first_alias
    from named
    left join stated_before on named.record_id = stated_before.record_id
)

select
    record_id,
    component,
    landing_rank,
    started_at,
    first_alias,
    'call_' || {{ ulid('started_at', sha256_hex('first_alias')) }} as derived_call_id
from distinguished
