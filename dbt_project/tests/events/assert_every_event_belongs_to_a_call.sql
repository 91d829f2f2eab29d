-- An event may stand outside of every call only if its record does (int_identity__unresolved_record
-- says why): nothing that identity resolved is lost on the way to the timeline.
{{ config(meta={'dagster': {'ref': {'name': 'int_events__envelope'}}}) }}
select event.event_id
from {{ ref('int_events__envelope') }} as event
left join {{ ref('call_event') }} as told on event.event_id = told.event_id
left join {{ ref('int_identity__unresolved_record') }} as unresolved
    on event.record_id = unresolved.record_id
where told.event_id is null and unresolved.record_id is null
