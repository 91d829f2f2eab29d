-- One row per call whose trace sampling never leaves out, because the call is known to have failed.
select canonical_call_id
from {{ ref('int_calls__outcome') }}
where outcome not in ('resolved', 'unknown') and outcome_basis != 'repeat_call'
union
select canonical_call_id
from {{ ref('int_events__envelope') }}
where
    severity in ('error', 'critical')
    and provider in ('livekit', 'otlp')
    and canonical_call_id is not null
