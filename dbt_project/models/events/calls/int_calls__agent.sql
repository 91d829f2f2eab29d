-- One row per call in which an automated agent took part: session, room, versions, models.
with

reports as (
    select
        link.canonical_call_id,
        report.*,
        {{ sort_key(['report.reported_at', 'report.job_id']) }} as report_key
    from {{ staged('stg_livekit__session_report') }} as report
    inner join {{ ref('int_identity__record_call') }} as link on report.record_id = link.record_id
),

usage as (
    select
        reports.canonical_call_id,
        max(case when entry.usage_type = 'llm_usage' then entry.model end) as model,
        max(case when entry.usage_type = 'stt_usage' then entry.provider_name end) as stt_provider,
        max(case when entry.usage_type = 'tts_usage' then entry.provider_name end) as tts_provider
    from {{ staged('stg_livekit__session_usage') }} as entry
    inner join reports on entry.record_id = reports.record_id
    group by reports.canonical_call_id
),

reported as (
    select
        canonical_call_id,
        {% for column in [
            'job_id', 'room_sid', 'room_name', 'agent_id', 'agent_version', 'prompt_version',
            'environment', 'language', 'audio_recording_path'
        ] %}{{ max_by(column, 'report_key') }} as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from reports
    group by canonical_call_id
),

hooked as (
    select
        link.canonical_call_id,
        {% for column in [
            'job_id', 'room_sid', 'room_name', 'agent_id', 'prompt_version', 'trace_id',
            'caller_token', 'called_token', 'sip_call_id', 'egress_id', 'egress_location'
        ] %}{{ max_by('hook.' ~ column, 'case when hook.' ~ column ~ ' is not null then '
            ~ sort_key(['hook.created_at', 'hook.record_key']) ~ ' end') }} as {{ column }},
        {% endfor %}
        max(case when hook.participant_kind in ('SIP', 'STANDARD')
            and hook.event_name = 'participant_left' then hook.disconnect_reason end)
            as disconnect_reason
    from {{ staged('stg_livekit__webhook') }} as hook
    inner join {{ ref('int_identity__record_call') }} as link on hook.record_id = link.record_id
    group by link.canonical_call_id
),

roots as (
    select
        link.canonical_call_id,
        {% for column in [
            'job_id', 'room_sid', 'room_name', 'trace_id', 'agent_id', 'agent_version',
            'prompt_version', 'model', 'stt_provider', 'tts_provider', 'environment'
        ] %}max(span.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ staged('stg_otlp__span') }} as span
    inner join {{ ref('int_identity__record_call') }} as link on span.record_id = link.record_id
    where span.parent_span_id is null or span.span_name = 'agent_session'
    group by link.canonical_call_id
),

-- A trace ID that many calls carry names none of them: only what identity accepted is shown.
accepted_traces as (
    select distinct alias_value
    from {{ ref('int_identity__alias_node') }}
    where namespace = 'otel_trace_id'
)

select
    route.canonical_call_id,
    {% for column, sources in {
        'agent_session_id': [('reported', 'job_id'), ('hooked', 'job_id'), ('roots', 'job_id')],
        'livekit_room_sid': [
            ('reported', 'room_sid'), ('hooked', 'room_sid'), ('roots', 'room_sid')],
        'livekit_room_name': [
            ('reported', 'room_name'), ('hooked', 'room_name'), ('roots', 'room_name')],
        'agent_id': [('reported', 'agent_id'), ('roots', 'agent_id'), ('hooked', 'agent_id')],
        'agent_version': [('reported', 'agent_version'), ('roots', 'agent_version')],
        'prompt_version': [('reported', 'prompt_version'), ('roots', 'prompt_version'),
            ('hooked', 'prompt_version')],
        'model': [('usage', 'model'), ('roots', 'model')],
        'stt_provider': [('usage', 'stt_provider'), ('roots', 'stt_provider')],
        'tts_provider': [('usage', 'tts_provider'), ('roots', 'tts_provider')],
        'environment': [('reported', 'environment'), ('roots', 'environment')],
    }.items() %}coalesce({% for source, name in sources %}{{ source }}.{{ name }}
        {{- ', ' if not loop.last }}{% endfor %}) as {{ column }},
    {% endfor %}
    reported.language,
    hooked.caller_token,
    hooked.called_token,
    hooked.sip_call_id,
    hooked.egress_id,
    hooked.disconnect_reason,
    coalesce(span_trace.alias_value, hook_trace.alias_value) as otel_trace_id,
    coalesce(hooked.egress_location, reported.audio_recording_path) is not null as has_raw_audio
from {{ ref('int_calls__route') }} as route
left join reported on route.canonical_call_id = reported.canonical_call_id
left join usage on route.canonical_call_id = usage.canonical_call_id
left join hooked on route.canonical_call_id = hooked.canonical_call_id
left join roots on route.canonical_call_id = roots.canonical_call_id
left join {{ ref('int_calls__event') }} as event
    on route.canonical_call_id = event.canonical_call_id
left join accepted_traces as span_trace
    on coalesce(roots.trace_id, event.otel_trace_id) = span_trace.alias_value
left join accepted_traces as hook_trace on hooked.trace_id = hook_trace.alias_value
where route.has_agent
