-- One row per call with events: counts by type, and the first and last instants of the talk.
{% set talk = "occurred_at_resolution_ms <= 1000 and source_system != 'crm'" %}
select
    canonical_call_id,
    count(*) as event_count,
    min(case when event_type = 'call.answered' and {{ talk }} then occurred_at end) as answered_at,
    max(case when event_type = 'call.disconnected' and {{ talk }} then occurred_at end)
        as disconnected_at,
    max(case when {{ talk }} then occurred_at end) as last_event_at,
    sum(case when event_type = 'tool.called' and source_system != 'ivr' then 1 else 0 end)
        as tool_call_count,
    sum(case when event_type = 'tool.failed' and source_system != 'ivr' then 1 else 0 end)
        as tool_failure_count,
    sum(case when event_type = 'guardrail.blocked' then 1 else 0 end) as guardrail_block_count,
    max(case when event_type = 'call.silence_detected' then 1 else 0 end) = 1 as silence_detected,
    max(case when event_type = 'call.escalated' and source_system != 'crm' then 1 else 0 end) = 1
        as has_person,
    max(case when event_type = 'call.initiated' then 1 else 0 end) = 1 as has_entry,
    max(case when event_type = 'ivr.flow_started' then 1 else 0 end) = 1 as has_flow,
    max(case when event_type in ('ivr.menu_option_selected', 'ivr.input_collected', 'ivr.timeout',
        'ivr.no_match') then 1 else 0 end) = 1 as has_caller_input,
    max(case when event_type in ('call.disconnected', 'call.media_quality_changed',
        'playback.interrupted', 'tts.started') then 1 else 0 end) = 1 as has_experience,
    min(case when event_type = 'trace.started' then otel_trace_id end) as otel_trace_id,
    max(policy_version) as redaction_policy_version
from {{ ref('int_events__envelope') }}
where canonical_call_id is not null
group by canonical_call_id
