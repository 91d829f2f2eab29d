-- One row per call ID that is, or may have been, published and now resolves to another one.
with

old_ids as (
    select
        component,
        derived_call_id as old_call_id,
        'merged' as reason
    from {{ ref('int_identity__candidate_call_id') }}
    union all
    select
        component,
        minted_call_id as old_call_id,
        'several_minted_ids' as reason
    from {{ ref('int_identity__minted_call_id') }}
    where not is_taken
)

select
    old_ids.old_call_id,
    min(calls.canonical_call_id) as canonical_call_id,
    min(
        case
            when calls.is_minted and old_ids.old_call_id = calls.derived_call_id
                then 'minted_id_arrived'
            else old_ids.reason
        end
    ) as reason
from old_ids
inner join {{ ref('int_identity__call') }} as calls on old_ids.component = calls.component
where
    old_ids.old_call_id != calls.canonical_call_id
    and old_ids.old_call_id not in (
        select canonical_call_id from {{ ref('int_identity__call') }}
    )
group by old_ids.old_call_id
