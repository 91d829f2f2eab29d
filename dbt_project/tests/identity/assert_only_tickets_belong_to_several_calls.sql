-- A record that is not about calls by nature many-to-many belongs to one call.
select
    record_id,
    count(*) as call_count
from {{ ref('int_identity__record_call') }}
where not is_associating_record
group by record_id
having count(*) > 1
