-- One row per event that spans state: model, speech synthesis, guardrails, and the trace itself.
{{ config(materialized='scratch_view') }}
{% set aliases = {'call_sid': 'twilio_call_sid', 'session': 'job_id', 'trace': 'trace_id'} %}
{# The record key names trace and span: the payload does not repeat them. #}
{% set llm = ['model', 'model_provider', 'prompt_version', 'speech_id'] %}
{% set tts = ['tts_provider', 'voice_id', 'speech_id'] %}
with

spans as (
    select * from {{ staged('int_events__agent_span') }}
),

-- The session report owns tools and turns: spans speak for sessions that have no report. Models
-- number their tool calls from one again in every session, so only the call's own report counts.
reported_tools as (
    select distinct
        link.canonical_call_id,
        item.function_call_id
    from {{ staged('stg_livekit__session_item') }} as item
    inner join {{ ref('int_identity__record_call') }} as link on item.record_id = link.record_id
    where item.function_call_id is not null
),

unreported_tools as (
    select spans.*
    from spans
    left join {{ ref('int_identity__record_call') }} as link on spans.record_id = link.record_id
    left join reported_tools as reported
        on
            link.canonical_call_id = reported.canonical_call_id
            and spans.function_call_id = reported.function_call_id
    where spans.span_role = 'tool' and reported.function_call_id is null
),

unreported_turns as (
    select
        spans.*,
        coalesce(
            spans.transcript_confidence < {{ var('low_confidence_threshold', 0.6) }}, false
        ) as is_low_confidence,
        case when spans.span_role = 'user_turn' then 'transcript.user_turn_final'
            else 'transcript.agent_turn_final' end as turn_type
    from spans
    left join {{ staged('stg_livekit__session_report') }} as report on spans.job_id = report.job_id
    where spans.span_role in ('user_turn', 'agent_turn') and report.job_id is null
),

-- A trace begins with its root or, if that was not exported, its first span: only those are ranked.
rootless as (
    select
        record_id,
        row_number() over (partition by trace_id order by started_at, record_key) as place
    from {{ staged('stg_otlp__span') }}
    where trace_id not in (
        select trace_id from {{ staged('stg_otlp__span') }}
        where parent_span_id is null and trace_id is not null
    )
),

first_spans as (
    select * from {{ staged('stg_otlp__span') }}
    where parent_span_id is null or record_id in (select record_id from rootless where place = 1)
),

guardrails as (
    select
        event.*,
        cast(null as varchar) as twilio_call_sid
    from {{ staged('stg_otlp__span_event') }} as event
    where event.event_name = 'guardrail.blocked'
)

{% for type, role, at, details, severity in [
    ('llm.request_started', 'llm', 'started_at', llm + ['input_tokens'], 'null'),
    ('llm.completed', 'llm', 'ended_at',
     llm + ['output_tokens', 'llm_ttft_ms', 'duration_ms', 'status_code'],
     "case when status_code = 2 then 'error' end"),
    ('tts.started', 'tts', 'started_at', tts + ['tts_ttfb_ms'], 'null'),
    ('tts.completed', 'tts', 'ended_at', tts + ['duration_ms', 'status_code'],
     "case when status_code = 2 then 'error' end"),
] %}
select
    {{ event_columns(
        'otlp.spans', 'trace', type, at, 1, details=details, severity=severity, **aliases
    ) }}
from spans
where span_role = '{{ role }}'
union all
{% endfor %}
{% for type, at, condition in [
    ('tool.called', 'started_at', 'true'), ('tool.failed', 'ended_at', 'is_function_error')
] %}
select
    {{ event_columns(
        'otlp.spans', 'trace', type, at, 1,
        details=[
            ('tool_name', 'function_name'), ('tool_call_id', 'function_call_id'),
            ('latency_ms', 'duration_ms')
        ], **aliases
    ) }}
from unreported_tools
where {{ condition }}
union all
{% endfor %}
{% for type, condition in [
    ('(turn_type)', 'true'), ('asr.low_confidence', 'is_low_confidence'),
    ('playback.interrupted', 'was_interrupted')
] %}
select
    {{ event_columns(
        'otlp.spans', 'trace', type, 'ended_at', 1,
        details=[('asr_confidence', 'transcript_confidence'), 'e2e_latency_ms'], **aliases
    ) }}
from unreported_turns
where {{ condition }}
union all
{% endfor %}
select
    {{ event_columns(
        'otlp.spans', 'trace', 'trace.started', 'started_at', 1,
        details=['service_name', 'service_version', 'span_name'], **aliases
    ) }}
from first_spans
union all
select
    {{ event_columns(
        'otlp.spans', 'trace', 'guardrail.blocked', 'occurred_at', 1,
        discriminator='event_index', details=['guardrail_name', 'guardrail_action'],
        **aliases
    ) }}
from guardrails
