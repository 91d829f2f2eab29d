-- One row per call: when it was, which way it went, between whom, who hung up, what audio exists.
with

framed as (
    select
        call.canonical_call_id,
        coalesce(call.started_at, call.first_landed_at) as started_at,
        event.answered_at,
        coalesce(event.disconnected_at, event.last_event_at, call.ended_at) as ended_at,
        case
            when ivr.initiation_method in ('OUTBOUND', 'CALLBACK', 'EXTERNAL_OUTBOUND')
                then 'outbound'
            when ivr.initiation_method is not null then 'inbound'
            when telephony.direction is not null then telephony.direction
            when agent.canonical_call_id is not null then 'inbound'
        end as direction,
        coalesce(ivr.caller_token, telephony.from_token, agent.caller_token) as caller_token,
        coalesce(ivr.called_token, telephony.to_token, agent.called_token) as called_token,
        coalesce(
            telephony.disconnected_by,
            case ivr.disconnect_reason
                when 'CUSTOMER_DISCONNECT' then 'caller'
                when 'AGENT_DISCONNECT' then 'callee'
            end
        ) as disconnected_by,
        coalesce(ivr.disconnect_reason, agent.disconnect_reason) as disconnect_reason,
        coalesce(telephony.recording_sid, agent.egress_id, ivr.recording_location) as recording_id,
        coalesce(telephony.has_raw_audio, false)
        or coalesce(agent.has_raw_audio, false)
        or coalesce(ivr.has_raw_audio, false) as contains_raw_audio,
        coalesce(turn.has_unredacted_turn, false) as contains_unredacted_transcript,
        coalesce(turn.turn_count, 0) as turn_count
    from {{ ref('int_identity__call') }} as call
    left join {{ ref('int_calls__event') }} as event
        on call.canonical_call_id = event.canonical_call_id
    left join {{ ref('int_calls__ivr') }} as ivr
        on call.canonical_call_id = ivr.canonical_call_id
    left join {{ ref('int_calls__telephony') }} as telephony
        on call.canonical_call_id = telephony.canonical_call_id
    left join {{ ref('int_calls__agent') }} as agent
        on call.canonical_call_id = agent.canonical_call_id
    left join {{ ref('int_calls__turn') }} as turn
        on call.canonical_call_id = turn.canonical_call_id
)

select
    *,
    cast(greatest(round({{ ms_between('started_at', 'ended_at') }}), 0) as bigint) as duration_ms,
    case
        when contains_raw_audio then 'restricted_audio'
        when turn_count > 0 then 'redacted_transcript'
        else 'metadata'
    end as retention_class
from framed
