-- One row per call ID that was, or may have been, published and call that what it named is in
-- now, where that is another one. A call that was split is in several, and may go on under its
-- ID itself.
{{ config(contract={'enforced': true}, stored_by='all') }}
-- after {{ after('int_identity__successor') }}
with

successors as (
    select
        old_call_id,
        canonical_call_id,
        max(reason) as reason
    from {{ whole('int_identity__successor') }}
    group by old_call_id, canonical_call_id
),

counted as (
    select
        *,
        count(*) over (partition by old_call_id) as successor_count
    from successors
)

select
    counted.old_call_id,
    counted.canonical_call_id,
    case
        when counted.successor_count > 1 or calls.canonical_call_id is not null then 'split'
        else counted.reason
    end as reason
from counted
left join {{ whole('int_identity__call') }} as calls
    on counted.old_call_id = calls.canonical_call_id
