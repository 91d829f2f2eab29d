-- Calls outside of the run count too: a link that changes is shown on both of its sides.
{{ config(meta={'dagster': {'ref': {'name': 'call_alias'}}}) }}
select canonical_call_id
from (
    select canonical_call_id from {{ ref('call_alias') }}
    union
    select canonical_call_id from {{ ref('call_link') }}
) as named
where canonical_call_id not in (select canonical_call_id from {{ whole('int_identity__call') }})
