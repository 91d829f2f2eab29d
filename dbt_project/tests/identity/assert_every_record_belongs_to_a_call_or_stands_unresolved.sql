-- Promise 1, nothing lost: every staged record is in a call or has a reason why not.
{{ config(meta={'dagster': {'ref': {'name': 'int_identity__record_call'}}}) }}
with

staged as (
    {% for provider, stream, model in staged_streams() %}
    select record_id from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

accounted as (
    select record_id from {{ ref('int_identity__record_call') }}
    union
    select record_id from {{ ref('int_identity__unresolved_record') }}
)

select staged.record_id
from staged
left join accounted on staged.record_id = accounted.record_id
where accounted.record_id is null
