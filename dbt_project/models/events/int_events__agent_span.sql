-- One row per span that stands for an event, with what its child request says of model and voice.
-- A request span owns the event; a node span stands in where it has no request span of its own.
{{ config(materialized='scratch_view') }}
{% set chat = "('chat', 'generate_content', 'text_completion')" %}
{% set agent_names = "('llm_node', 'llm_request_run', 'tts_node', 'tts_request_run', 'user_turn', "
    ~ "'agent_turn', 'function_tool')" %}
with

spans as (
    select
        record_id,
        record_key,
        landing_object,
        policy_version,
        redaction_state,
        landed_at,
        trace_id,
        span_id,
        parent_span_id,
        job_id,
        twilio_call_sid,
        speech_id,
        span_name,
        status_code,
        was_interrupted,
        function_call_id,
        coalesce(is_function_error, status_code = 2) as is_function_error,
        function_name,
        transcript_confidence,
        model_provider,
        model,
        prompt_version,
        tts_provider,
        voice_id,
        input_tokens,
        output_tokens,
        llm_ttft_ms,
        tts_ttfb_ms,
        e2e_latency_ms,
        duration_ms,
        started_at,
        ended_at,
        case
            when span_name in ('llm_node', 'llm_request_run') then 'llm'
            when span_name in ('tts_node', 'tts_request_run') then 'tts'
            when span_name = 'function_tool' then 'tool'
            when span_name in ('user_turn', 'agent_turn') then span_name
            when operation_name in {{ chat }} then 'llm'
            when operation_name = 'execute_tool' then 'tool'
        end as span_role
    from {{ ref('stg_otlp__span') }}
    where
        span_name in {{ agent_names }}
        or operation_name in {{ chat }}
        or operation_name = 'execute_tool'
),

parents_of_requests as (
    select distinct
        trace_id,
        parent_span_id
    from spans
    where span_name in ('llm_request_run', 'tts_request_run')
)

select spans.*
from spans
left join parents_of_requests as requested
    on
        spans.trace_id = requested.trace_id
        and spans.span_id = requested.parent_span_id
where requested.parent_span_id is null
