-- One row per Twilio call leg, from the call and its Voice Insights summary, whichever there is.
{{ config(materialized='scratch_view') }}
with

livekit_legs as (
    select distinct twilio_call_sid
    from {{ ref('stg_livekit__webhook') }}
    where twilio_call_sid is not null
),

legs as (
    select
        coalesce(call.record_id, summary.record_id) as record_id,
        coalesce(call.record_key, summary.record_key) as record_key,
        case when call.record_id is null then 'summaries' else 'calls' end as stream,
        coalesce(call.landing_object, summary.landing_object) as landing_object,
        coalesce(call.policy_version, summary.policy_version) as policy_version,
        coalesce(call.redaction_state, summary.redaction_state) as redaction_state,
        coalesce(call.landed_at, summary.landed_at) as landed_at,
        summary.record_id as summary_record_id,
        summary.record_key as summary_record_key,
        summary.landing_object as summary_landing_object,
        coalesce(call.call_sid, summary.call_sid) as call_sid,
        call.parent_call_sid,
        summary.sip_call_id,
        coalesce(call.trunk_sid, summary.trunk_sid) as trunk_sid,
        coalesce(call.from_token, summary.from_token) as from_token,
        coalesce(call.to_token, summary.to_token) as to_token,
        coalesce(call.direction, replace(summary.direction, '_', '-')) as leg_direction,
        coalesce(call.status, summary.call_state) as leg_status,
        summary.call_type,
        summary.processing_state,
        summary.tags,
        summary.disconnected_by,
        summary.last_sip_response,
        summary.post_dial_delay_ms,
        summary.codec,
        summary.edge_location,
        greatest(summary.inbound_packet_loss_pct, summary.outbound_packet_loss_pct)
            as packet_loss_pct,
        greatest(summary.inbound_jitter_avg_ms, summary.outbound_jitter_avg_ms) as jitter_avg_ms,
        coalesce(call.created_at, summary.created_at) as created_at,
        case
            when call.status in ('completed', 'in-progress') then call.started_at
            when call.call_sid is null and summary.call_state in ('completed', 'answered')
                then {{ add_ms('summary.ended_at', '-summary.connect_duration_ms') }}
        end as answered_at,
        coalesce(call.ended_at, summary.ended_at) as ended_at
    from {{ ref('stg_twilio__call') }} as call
    full outer join {{ ref('stg_twilio__call_summary') }} as summary
        on call.call_sid = summary.call_sid
)

select
    legs.*,
    -- The leg on which an automated agent listens: LiveKit names it, it goes to a trunk or by SIP.
    livekit_legs.twilio_call_sid is not null
    or legs.trunk_sid is not null
    or coalesce(legs.call_type in ('sip', 'trunking'), false)
    or coalesce(legs.to_token like 'sip%', false) as is_agent_leg,
    case when legs.parent_call_sid is null then 'parent' else 'child' end as leg_kind
from legs
left join livekit_legs on legs.call_sid = livekit_legs.twilio_call_sid
