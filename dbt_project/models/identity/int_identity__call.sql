-- One row per call: its canonical ID, when it took place, and whether anything about it conflicts.
{{ stored_by('call') }}
with

records as (
    select * from {{ ref('int_identity__record_component') }}
),

minted_calls as (
    select
        component,
        {{ min_by('minted_call_id', 'case when not is_taken then landing_rank end') }}
            as minted_call_id,
        sum(case when is_taken then 0 else 1 end) as minted_count,
        bool_or(is_taken) as has_taken_id
    from {{ ref('int_identity__minted_call_id') }}
    group by component
),

withheld as (
    select distinct records.component
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__guarded_alias') }} as aliases
        on
            observations.namespace = aliases.namespace
            and observations.alias_value = aliases.alias_value
            and observations.instance = aliases.instance
    inner join records on observations.record_id = records.record_id
    where aliases.withheld_reason is not null
),

first_landed as (
    select
        component,
        {{ min_by('derived_call_id', 'landing_rank') }} as derived_call_id,
        {{ min_by('record_id', 'landing_rank') }} as first_landed_record_id
    from {{ ref('int_identity__candidate_call_id') }}
    group by component
),

components as (
    select
        component,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at,
        count(*) as record_count
    from records
    group by component
)

select
    coalesce(minted_calls.minted_call_id, first_landed.derived_call_id) as canonical_call_id,
    components.component,
    first_landed.derived_call_id,
    minted_calls.minted_call_id is not null as is_minted,
    coalesce(minted_calls.minted_count, 0) > 1 as has_several_minted_ids,
    withheld.component is not null
    or coalesce(minted_calls.minted_count > 1 or minted_calls.has_taken_id, false)
        as is_conflicting,
    first_landed.first_landed_record_id,
    components.record_count,
    cast(coalesce(components.started_at, components.first_landed_at) as date) as call_date,
    components.started_at,
    components.ended_at,
    components.first_landed_at,
    components.last_landed_at
from components
inner join first_landed on components.component = first_landed.component
left join minted_calls on components.component = minted_calls.component
left join withheld on components.component = withheld.component
