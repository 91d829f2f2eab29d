-- Promise 1, nothing lost: every staged record is in a call or has a reason why not.
{{ config(meta={'dagster': {'ref': {'name': 'int_identity__record_call'}}}) }}
with

staged as (
    {% for provider, stream, model in staged_streams() %}
    select record_id from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select staged.record_id
from staged
left join {{ ref('int_identity__record_call') }} as resolved
    on staged.record_id = resolved.record_id
left join {{ ref('int_identity__unresolved_record') }} as unresolved
    on staged.record_id = unresolved.record_id
where resolved.record_id is null and unresolved.record_id is null
