-- Promise 3, every ID ever published resolves: a redirect ends at a call and is not itself a call.
{{ config(meta={'dagster': {'ref': {'name': 'call_redirect'}}}) }}
select redirects.old_call_id
from {{ ref('call_redirect') }} as redirects
left join {{ ref('int_identity__call') }} as target
    on redirects.canonical_call_id = target.canonical_call_id
left join {{ ref('int_identity__call') }} as itself
    on redirects.old_call_id = itself.canonical_call_id
where target.canonical_call_id is null or itself.canonical_call_id is not null
