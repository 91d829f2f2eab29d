-- One row per alias that a LiveKit webhook or session report states.
{{ config(materialized='scratch_view') }}
{{ alias_rows('stg_livekit__webhook', 'livekit', 'webhooks', 'occurred_at', 'occurred_at', [
    ('livekit_room_sid', 'room_sid', 'room', 1),
    ('livekit_job_id', 'job_id', 'job', 2),
    ('livekit_room_name', 'room_name', 'room', 3),
    ('livekit_participant_sid', 'participant_sid', 'participant', 2),
    ('livekit_egress_id', 'egress_id', 'egress', 2),
    ('livekit_sip_call_id', 'sip_livekit_call_id', 'sip_attribute', 2),
    ('sip_call_id', 'sip_call_id', 'sip_attribute', 3),
    ('twilio_call_sid', 'twilio_call_sid', 'sip_attribute', 2),
    ('connect_contact_id', 'connect_contact_id', 'sip_attribute', 2),
    ('connect_contact_id', 'connect_initial_contact_id', 'sip_attribute_initial', 2),
    ('canonical_call_id', 'minted_call_id', 'minted', 2),
    ('otel_trace_id', 'trace_id', 'agent_attribute', 2),
    ('caller_token', 'caller_token', 'sip_attribute', 3),
]) }}
union all
{{ alias_rows(
    'stg_livekit__session_report', 'livekit', 'session_reports',
    'coalesce(first_event_at, first_item_at, reported_at)', 'reported_at', [
        ('livekit_job_id', 'job_id', 'job', 1),
        ('livekit_room_sid', 'room_sid', 'room', 2),
        ('livekit_room_name', 'room_name', 'room', 3),
    ]
) }}
