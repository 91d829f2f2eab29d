-- One row per event of a call, in order on the call's one timeline.
{{ config(contract={'enforced': true}) }}
select
    event.event_id,
    event.canonical_call_id,
    call.call_date,
    cast(event.sequence_number as integer) as sequence_number,
    event.occurred_at,
    event.occurred_at_resolution_ms,
    event.aligned_at,
    cast(event.clock_offset_ms as bigint) as clock_offset_ms,
    event.source_system,
    event.provider,
    event.stream,
    event.event_type,
    event.severity,
    event.current_contact_id,
    event.twilio_call_sid,
    event.agent_session_id,
    event.otel_trace_id,
    event.payload,
    event.redaction_state,
    event.contains_sensitive_input,
    event.policy_version as redaction_policy_version,
    event.record_key,
    event.landing_object
from {{ ref('int_events__envelope') }} as event
inner join {{ ref('int_identity__call') }} as call
    on event.canonical_call_id = call.canonical_call_id
