-- One row per call whose trace sampling never leaves out, because the call did not go well.
select canonical_call_id
from {{ ref('int_calls__outcome') }}
where outcome != 'resolved'
union
select canonical_call_id
from {{ ref('int_events__envelope') }}
where severity in ('error', 'critical') and canonical_call_id is not null
