-- One row per event that Twilio states: call legs with their summaries, insights, recordings.
{{ config(materialized='scratch_view') }}
{% set leg = ['leg_kind', 'parent_call_sid', 'leg_direction'] %}
with

legs as (
    select
        *,
        case when parent_call_sid is null then 'call.initiated' else 'ivr.transferred' end
            as began_as
    from {{ staged('int_events__twilio_leg') }}
)

select
    {{ event_columns(
        'twilio', 'telephony', '(began_as)', 'created_at', 1000,
        details=leg + ['is_agent_leg', 'trunk_sid'], call_sid='call_sid'
    ) }}
from legs
union all
select
    {{ event_columns(
        'twilio', 'telephony', 'call.answered', 'answered_at', 1000,
        details=leg + ['post_dial_delay_ms'], call_sid='call_sid'
    ) }}
from legs
where answered_at is not null
union all
select
    {{ event_columns(
        'twilio', 'telephony', 'call.escalated', 'answered_at', 1000,
        details=leg, call_sid='call_sid'
    ) }}
from legs
where parent_call_sid is not null and answered_at is not null and not is_agent_leg
union all
select
    {{ event_columns(
        'twilio', 'telephony', 'call.disconnected', 'ended_at', 1000,
        severity="case when leg_status in ('failed', 'fail', 'busy') then 'error' end",
        details=leg + [
            ('status', 'leg_status'), 'disconnected_by', 'last_sip_response', 'codec',
            'edge_location', 'packet_loss_pct', 'jitter_avg_ms', 'sip_call_id'
        ], call_sid='call_sid'
    ) }}
from legs
where ended_at is not null
union all
select
    {{ event_columns(
        'twilio.recordings', 'telephony', 'recording.completed',
        'coalesce(' ~ add_ms('started_at', 'duration_ms') ~ ', updated_at, created_at)', 1000,
        details=['recording_sid', ('status', 'status'), 'duration_ms', 'channel_count'],
        call_sid='call_sid'
    ) }}
from {{ staged('stg_twilio__recording') }}
union all
select * from {{ ref('int_events__twilio_insight') }}
