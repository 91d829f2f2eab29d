-- One row per call ID that is, or may have been, published and now resolves to another one.
--
-- A derived ID belongs to the record that landed first of its component. A record can only ever have
-- been first if no record that shares an alias with it landed before it; so these records' IDs are
-- all the derived IDs that an earlier run can have published, whatever had landed by then.
with

records as (
    select * from {{ ref('int_identity__record_component') }}
),

firsts as (
    select
        stated.node,
        min(records.landing_rank) as first_landing_rank
    from {{ ref('int_identity__record_node') }} as stated
    inner join records on stated.record_id = records.record_id
    group by stated.node
),

once_first as (
    select
        records.record_id,
        records.component,
        records.derived_call_id
    from records
    inner join {{ ref('int_identity__record_node') }} as stated
        on records.record_id = stated.record_id
    inner join firsts on stated.node = firsts.node
    group by
        records.record_id, records.component, records.derived_call_id, records.landing_rank
    having min(firsts.first_landing_rank) = records.landing_rank
),

old_ids as (
    select
        component,
        derived_call_id as old_call_id,
        'merged' as reason
    from once_first
    union all
    select
        component,
        minted_call_id as old_call_id,
        'several_minted_ids' as reason
    from {{ ref('int_identity__minted_call_id') }}
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
