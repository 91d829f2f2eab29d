-- One row per component and call ID that the user's own stack minted and a guard did not withhold.
with

minted as (
    select
        records.component,
        observations.alias_value as minted_call_id,
        min(records.landing_rank) as landing_rank
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__alias_node') }} as nodes
        on
            observations.namespace = nodes.namespace
            and observations.alias_value = nodes.alias_value
    inner join {{ ref('int_identity__record_component') }} as records
        on observations.record_id = records.record_id
    where observations.namespace = 'canonical_call_id'
    group by records.component, observations.alias_value
),

-- An ID that was, or may have been, published for another call cannot name this one as well.
taken as (
    select distinct
        minted.component,
        minted.minted_call_id
    from minted
    inner join {{ ref('int_identity__candidate_call_id') }} as candidates
        on
            minted.minted_call_id = candidates.derived_call_id
            and minted.component != candidates.component
)

select
    minted.component,
    minted.minted_call_id,
    minted.landing_rank,
    taken.minted_call_id is not null as is_taken
from minted
left join taken
    on
        minted.component = taken.component
        and minted.minted_call_id = taken.minted_call_id
