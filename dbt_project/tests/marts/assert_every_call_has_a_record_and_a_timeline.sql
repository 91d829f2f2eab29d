-- Both directions: a call without a record or an event, and a record or an event without a call.
{{ config(meta={'dagster': {'ref': {'name': 'call_record'}}}) }}
with

calls as (
    select canonical_call_id from {{ ref('int_identity__call') }}
),

records as (
    select canonical_call_id from {{ ref('call_record') }}
    {% if is_partial() %}
    where canonical_call_id not in ({{ relinked_calls() }})
    {% endif %}
),

timelines as (
    select distinct canonical_call_id from {{ ref('call_event') }}
)

select
    coalesce(
        calls.canonical_call_id, records.canonical_call_id, timelines.canonical_call_id
    ) as canonical_call_id
from calls
full outer join records
    on calls.canonical_call_id = records.canonical_call_id
full outer join timelines
    on coalesce(calls.canonical_call_id, records.canonical_call_id) = timelines.canonical_call_id
where
    calls.canonical_call_id is null
    or records.canonical_call_id is null
    or timelines.canonical_call_id is null
