-- One row per call ID that some build has, or may have, given to a record, and the call that this
-- record is in now, where that is another one.
-- after {{ after('int_identity__issued_id') }}
{{ stored_by('record') }}
with

old_ids as (
    select
        derived_call_id as old_call_id,
        record_id,
        'merged' as reason
    from {{ ref('int_identity__candidate_call_id') }}
    union all
    select
        minted.minted_call_id as old_call_id,
        calls.first_landed_record_id as record_id,
        'several_minted_ids' as reason
    from {{ ref('int_identity__minted_call_id') }} as minted
    inner join {{ ref('int_identity__call') }} as calls on minted.component = calls.component
    where not minted.is_taken
    union all
    select
        issued.old_call_id,
        issued.record_id,
        'merged' as reason
    from (
        select * from {{ ref('int_identity__issued_id') }}
        {% if is_partial() %}
        union
        select * from {{ whole('int_identity__issued_id') }}
        {% endif %}
    ) as issued
)

select
    old_ids.old_call_id,
    old_ids.record_id,
    calls.canonical_call_id,
    min(
        case
            when calls.is_minted and old_ids.old_call_id = calls.derived_call_id
                then 'minted_id_arrived'
            else old_ids.reason
        end
    ) as reason
from old_ids
inner join {{ ref('int_identity__record_component') }} as records
    on old_ids.record_id = records.record_id
inner join {{ ref('int_identity__call') }} as calls on records.component = calls.component
where old_ids.old_call_id != calls.canonical_call_id
group by old_ids.old_call_id, old_ids.record_id, calls.canonical_call_id
