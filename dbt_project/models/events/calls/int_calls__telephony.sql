-- One row per call that Twilio saw: the caller's leg, the line's quality, the recording.
with

legs as (
    select
        link.canonical_call_id,
        leg.*,
        -- The caller's leg first: the oldest that has no parent.
        row_number() over (
            partition by link.canonical_call_id
            order by
                case when leg.parent_call_sid is null then 0 else 1 end,
                leg.created_at,
                leg.call_sid
        ) as leg_rank,
        {{ sort_key(['leg.ended_at', 'leg.call_sid']) }} as end_key
    from {{ staged('int_events__twilio_leg') }} as leg
    inner join {{ ref('int_identity__record_call') }} as link on leg.record_id = link.record_id
),

per_call as (
    select
        canonical_call_id,
        count(*) as leg_count,
        max(case when leg_rank = 1 then call_sid end) as twilio_call_sid,
        max(case when leg_rank = 1 then leg_direction end) as leg_direction,
        max(case when leg_rank = 1 then from_token end) as from_token,
        max(case when leg_rank = 1 then to_token end) as to_token,
        max(case when leg_rank = 1 then disconnected_by end) as disconnected_by,
        max(case when leg_rank = 1 then last_sip_response end) as last_sip_response,
        max(case when leg_rank = 1 then post_dial_delay_ms end) as post_dial_delay_ms,
        max(case when leg_rank = 1 then leg_status end) as leg_status,
        max(case when leg_rank = 1 then codec end) as codec,
        max(case when leg_rank = 1 then edge_location end) as edge_location,
        min(case when is_agent_leg then sip_call_id end) as sip_call_id,
        max(packet_loss_pct) as packet_loss_pct,
        max(jitter_avg_ms) as jitter_avg_ms,
        max(case when parent_call_sid is not null and not is_agent_leg and answered_at is not null
            then 1 else 0 end) = 1 as has_human_leg,
        max(case when parent_call_sid is not null then 1 else 0 end) = 1 as has_child_leg,
        max(case when leg_status in ('queued', 'initiated', 'ringing', 'in-progress')
            then 1 else 0 end) = 1 as is_unfinished
    from legs
    group by canonical_call_id
),

recordings as (
    select
        link.canonical_call_id,
        min(recording.recording_sid) as recording_sid,
        max(case when recording.status in ('deleted', 'absent') then 0 else 1 end) = 1
            as has_raw_audio,
        max(case when recording.status in ('in-progress', 'processing', 'paused') then 1 else 0 end)
        = 1 as is_recording_pending
    from {{ staged('stg_twilio__recording') }} as recording
    inner join {{ ref('int_identity__record_call') }} as link
        on recording.record_id = link.record_id
    group by link.canonical_call_id
)

select
    coalesce(per_call.canonical_call_id, recordings.canonical_call_id) as canonical_call_id,
    per_call.leg_count,
    per_call.twilio_call_sid,
    case
        when
            per_call.leg_direction like 'inbound%'
            or per_call.leg_direction = 'trunking-originating'
            then 'inbound'
        when per_call.leg_direction is not null then 'outbound'
    end as direction,
    per_call.from_token,
    per_call.to_token,
    per_call.disconnected_by,
    per_call.last_sip_response,
    per_call.post_dial_delay_ms,
    per_call.leg_status,
    per_call.codec,
    per_call.edge_location,
    per_call.sip_call_id,
    per_call.packet_loss_pct,
    per_call.jitter_avg_ms,
    coalesce(per_call.has_human_leg, false) as has_human_leg,
    coalesce(per_call.is_unfinished, false) as is_unfinished,
    recordings.recording_sid,
    coalesce(recordings.has_raw_audio, false) as has_raw_audio,
    coalesce(recordings.is_recording_pending, false) as is_recording_pending
from per_call
full outer join recordings on per_call.canonical_call_id = recordings.canonical_call_id
