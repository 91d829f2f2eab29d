-- One row per call ID that a build gave out and record that it stood for: the call's first record,
-- and the first of each part that later left the call. What was published is kept in the published
-- zone and read again by a full refresh, so that an ID resolves whatever became of its call.
{{ stored_by('new') }}
with

issued as (
    {% if not is_partial() %}
    select
        call_id as old_call_id,
        record_id,
        0 as sequence
    from {{ issued_before() }}
    where record_id is not null
    union all
    {% endif %}
    select
        canonical_call_id as old_call_id,
        first_landed_record_id as record_id,
        {{ this_sequence() }} as sequence
    from {{ ref('int_identity__call') }}
    union all
    -- Of the records that have left a call, the first that is in another call now.
    select
        pending.canonical_call_id as old_call_id,
        {{ min_by('pending.record_id', 'records.landing_rank') }} as record_id,
        {{ this_sequence() }} as sequence
    from {{ stored_table('meta', 'scope_pending') }} as pending
    inner join {{ ref('int_identity__record_component') }} as records
        on pending.record_id = records.record_id
    inner join {{ ref('int_identity__call') }} as calls on records.component = calls.component
    where pending.is_before and pending.canonical_call_id != calls.canonical_call_id
    group by pending.canonical_call_id, calls.canonical_call_id
)

select
    old_call_id,
    record_id,
    cast(min(sequence) as bigint) as sequence
from issued
group by old_call_id, record_id
