-- Completeness says something of each role of each call, so that no gap hides as a missing row.
{{ config(meta={'dagster': {'ref': {'name': 'call_completeness'}}}) }}
select record.canonical_call_id
from {{ ref('int_calls__record') }} as record
left join {{ ref('call_completeness') }} as completeness
    on record.canonical_call_id = completeness.canonical_call_id
group by record.canonical_call_id
having count(distinct completeness.canonical_role) != (
    select count(distinct canonical_role) from {{ ref('alias_requirement') }}
)
