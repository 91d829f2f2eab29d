-- One row per span (trace ID and span ID): the copy that landed last.
{{ stored_by('staged') }}
{% set redaction = {'state': 'VARCHAR', 'classes': ['VARCHAR']} %}
{% set fields = {
    'traceId': 'VARCHAR', 'spanId': 'VARCHAR', 'parentSpanId': 'VARCHAR', 'name': 'VARCHAR',
    'kind': 'BIGINT', 'startTimeUnixNano': 'VARCHAR', 'endTimeUnixNano': 'VARCHAR',
    'status': {'code': 'BIGINT'}, 'scope': 'VARCHAR',
    'resource': {
        'service.name': 'VARCHAR', 'service.version': 'VARCHAR',
        'deployment.environment.name': 'VARCHAR'
    },
    'attributes': {
        'lk.job_id': 'VARCHAR', 'lk.room_sid': 'VARCHAR', 'lk.pii.room_name': 'VARCHAR',
        'lk.sip.call.id': 'VARCHAR', 'call.sid': 'VARCHAR', 'canonical_call_id': 'VARCHAR',
        'lk.speech_id': 'VARCHAR', 'lk.e2e_latency': 'DOUBLE', 'lk.response.ttft': 'DOUBLE',
        'lk.response.ttfb': 'DOUBLE', 'lk.interrupted': 'BOOLEAN',
        'lk.transcript_confidence': 'DOUBLE', 'lk.user_transcript': 'VARCHAR',
        'lk.user_transcript_redaction': redaction, 'lk.function_tool.id': 'VARCHAR',
        'lk.function_tool.name': 'VARCHAR', 'lk.function_tool.arguments': 'VARCHAR',
        'lk.function_tool.output': 'VARCHAR', 'lk.function_tool.is_error': 'BOOLEAN',
        'gen_ai.operation.name': 'VARCHAR', 'gen_ai.provider.name': 'VARCHAR',
        'gen_ai.system': 'VARCHAR', 'gen_ai.request.model': 'VARCHAR',
        'gen_ai.response.model': 'VARCHAR', 'gen_ai.usage.input_tokens': 'BIGINT',
        'gen_ai.usage.output_tokens': 'BIGINT', 'gen_ai.agent.id': 'VARCHAR',
        'gen_ai.agent.version': 'VARCHAR', 'agent.prompt_version': 'VARCHAR',
        'intent.name': 'VARCHAR', 'intent.confidence': 'DOUBLE', 'stt.provider': 'VARCHAR',
        'tts.provider': 'VARCHAR', 'tts.voice_id': 'VARCHAR'
    },
    'events': [{
        'name': 'VARCHAR', 'timeUnixNano': 'VARCHAR', 'attributes': 'MAP(VARCHAR, VARCHAR)'
    }]
} %}
with

newest as (
    {{ newest_records('otlp', 'spans') }}
),

parsed as (
    select
        {{ record_columns() }},
        {{ parse_record('record', fields) }} as r
    from newest
),

attributed as (
    select
        *,
        r.attributes as a,
        r.resource as resource
    from parsed
),

renamed as (
    select
        {{ record_columns() }},
        -- Exporters retry: copies of a span differ in nothing but when they arrived.
        cast(null as bigint) as source_version,
        -- ids
        lower(r.traceId) as trace_id,
        lower(r.spanId) as span_id,
        lower(nullif(r.parentSpanId, '')) as parent_span_id,
        a."lk.job_id" as job_id,
        a."lk.room_sid" as room_sid,
        a."lk.pii.room_name" as room_name,
        a."lk.sip.call.id" as sip_livekit_call_id,
        a."call.sid" as twilio_call_sid,
        a.canonical_call_id as minted_call_id,
        a."lk.speech_id" as speech_id,
        a."lk.function_tool.id" as function_call_id,
        -- attributes
        r.name as span_name,
        r.scope as scope_name,
        resource."service.name" as service_name,
        resource."service.version" as service_version,
        resource."deployment.environment.name" as environment,
        a."lk.user_transcript" as user_transcript,
        a."lk.user_transcript_redaction".state as user_transcript_redaction_state,
        a."lk.user_transcript_redaction".classes as user_transcript_redaction_classes,
        a."lk.interrupted" as was_interrupted,
        a."lk.function_tool.name" as function_name,
        a."lk.function_tool.arguments" as function_arguments,
        a."lk.function_tool.output" as function_output,
        a."lk.function_tool.is_error" as is_function_error,
        a."gen_ai.operation.name" as operation_name,
        coalesce(a."gen_ai.provider.name", a."gen_ai.system") as model_provider,
        coalesce(a."gen_ai.response.model", a."gen_ai.request.model") as model,
        a."gen_ai.agent.id" as agent_id,
        a."gen_ai.agent.version" as agent_version,
        a."agent.prompt_version" as prompt_version,
        a."intent.name" as intent_name,
        a."stt.provider" as stt_provider,
        a."tts.provider" as tts_provider,
        a."tts.voice_id" as voice_id,
        r.events as span_events,
        -- numbers
        r.kind as span_kind,
        coalesce(r.status.code, 0) as status_code,
        a."lk.transcript_confidence" as transcript_confidence,
        a."intent.confidence" as intent_confidence,
        a."lk.e2e_latency" * 1000 as e2e_latency_ms,
        a."lk.response.ttft" * 1000 as llm_ttft_ms,
        a."lk.response.ttfb" * 1000 as tts_ttfb_ms,
        a."gen_ai.usage.input_tokens" as input_tokens,
        a."gen_ai.usage.output_tokens" as output_tokens,
        (try_cast(r.endTimeUnixNano as bigint) - try_cast(r.startTimeUnixNano as bigint))
        / 1000000.0 as duration_ms,
        -- timestamps
        {{ utc_from_epoch_ns('r.startTimeUnixNano') }} as started_at,
        {{ utc_from_epoch_ns('r.endTimeUnixNano') }} as ended_at
    from attributed
)

select * from renamed
