-- One row per call ID that was published and whose call has been erased since.
{{ config(contract={'enforced': true}, stored_by='all') }}
select
    call_id as erased_call_id,
    min(call_date) as call_date,
    min({{ utc_from_iso('erased_at') }}) as erased_at,
    min(basis) as basis
from {{ issued_before() }}
where erased_at is not null
group by call_id
