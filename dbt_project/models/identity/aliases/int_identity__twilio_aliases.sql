-- One row per alias that a Twilio record states. A child leg states its parent; a recording states
-- the parent leg.
{{ config(materialized='scratch_view') }}
{% set call_role = "case when parent_call_sid is null and direction = 'inbound'
            then 'inbound_parent' else 'call' end" %}
{% set customer = "case when direction = 'inbound' and parent_call_sid is null then from_token
            when direction = 'outbound-api' then to_token end" %}
{{ alias_rows('stg_twilio__call', 'twilio', 'calls', 'created_at', 'ended_at', [
    ('twilio_call_sid', 'call_sid', call_role, 1),
    ('twilio_call_sid', 'parent_call_sid', 'parent', 2),
    ('caller_token', customer, 'customer_number', 3),
]) }}
union all
{{ alias_rows('stg_twilio__recording', 'twilio', 'recordings', 'created_at', 'started_at', [
    ('twilio_recording_sid', 'recording_sid', 'recording', 1),
    ('twilio_call_sid', 'call_sid', 'call', 2),
    ('twilio_conference_sid', 'conference_sid', 'conference', 3),
]) }}
union all
{{ alias_rows('stg_twilio__call_summary', 'twilio', 'summaries', 'created_at', 'ended_at', [
    ('twilio_call_sid', 'call_sid', 'call', 1),
    ('sip_call_id', 'sip_call_id', 'sip_header', 2),
]) }}
union all
{{ alias_rows('stg_twilio__call_event', 'twilio', 'events', 'occurred_at', 'occurred_at', [
    ('twilio_call_sid', 'call_sid', 'call', 1),
]) }}
union all
{{ alias_rows('int_identity__derived_trace', 'twilio', 'calls', 'created_at', 'ended_at', [
    ('otel_trace_id', 'trace_id', 'derived_trace_id', 3),
]) }}
