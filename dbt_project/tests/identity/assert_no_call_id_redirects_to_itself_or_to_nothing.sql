-- Promise 3, every ID ever published resolves: a redirect leads to a call that is there, and to
-- another one than it names.
{{ config(meta={'dagster': {'ref': {'name': 'call_redirect'}}}) }}
select redirects.old_call_id
from {{ ref('call_redirect') }} as redirects
left join {{ whole('int_identity__call') }} as target
    on redirects.canonical_call_id = target.canonical_call_id
where
    target.canonical_call_id is null
    or redirects.old_call_id = redirects.canonical_call_id
