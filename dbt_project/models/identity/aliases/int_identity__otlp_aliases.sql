-- One row per alias that a span states.
{{ config(materialized='scratch_view') }}
{{ alias_rows('stg_otlp__span', 'otlp', 'spans', 'started_at', 'ended_at', [
    ('livekit_job_id', 'job_id', 'job', 1),
    ('livekit_room_sid', 'room_sid', 'room', 2),
    ('livekit_room_name', 'room_name', 'room', 3),
    ('otel_trace_id', 'trace_id', 'trace', 2),
    ('livekit_sip_call_id', 'sip_livekit_call_id', 'attribute', 2),
    ('twilio_call_sid', 'twilio_call_sid', 'attribute', 2),
    ('canonical_call_id', 'minted_call_id', 'minted', 2),
]) }}
union all
{{ alias_rows('int_identity__ambiguous_trace_span', 'otlp', 'spans', 'started_at', 'ended_at', [
    ('otel_span_id', 'span_alias', 'span', 3),
    ('otel_span_id', 'parent_span_alias', 'parent_span', 3),
]) }}
