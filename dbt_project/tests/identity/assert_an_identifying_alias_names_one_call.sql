-- An identifying alias that no guard withheld names one call, for ever.
select
    namespace,
    alias_value,
    count(distinct canonical_call_id) as call_count
from {{ ref('int_identity__call_alias') }}
where kind = 'identifying'
group by namespace, alias_value
having count(distinct canonical_call_id) > 1
