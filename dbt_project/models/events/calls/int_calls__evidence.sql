-- One row per call: which systems left records of it, and the trail of hand-overs to an agent.
with

records as (
    select
        canonical_call_id,
        count(*) as record_count,
        max(case when provider = 'amazon_connect' then 1 else 0 end) = 1 as has_connect,
        max(case when provider = 'twilio' then 1 else 0 end) = 1 as has_twilio,
        max(case when provider = 'livekit' then 1 else 0 end) = 1 as has_livekit,
        max(case when provider = 'otlp' then 1 else 0 end) = 1 as has_spans,
        max(case when stream = 'contact_records' then 1 else 0 end) = 1 as has_contact_record
    from {{ ref('int_identity__record_call') }}
    group by canonical_call_id
),

-- The trail that a hand-over leaves even where the agent's own records are missing.
flow_transfers as (
    select distinct link.canonical_call_id
    from {{ staged('stg_amazon_connect__flow_log') }} as log
    inner join {{ ref('int_identity__record_call') }} as link on log.record_id = link.record_id
    where
        log.module_type = 'Transfer'
        and coalesce({{ json_text('log.parameters', 'TransferType') }}, '') != 'Queue'
),

contacts as (
    select
        link.canonical_call_id,
        max(case when contact.transferred_to_type is not null or contact.handoff_reason is not null
            then 1 else 0 end) = 1 as is_transferred_out,
        max(case when upper(contact.recording_status) = 'DELETED' then 1 else 0 end) = 1
            as has_deleted_recording
    from {{ staged('stg_amazon_connect__contact_record') }} as contact
    inner join {{ ref('int_identity__record_call') }} as link on contact.record_id = link.record_id
    group by link.canonical_call_id
),

legs as (
    select
        link.canonical_call_id,
        max(case when leg.is_agent_leg then 1 else 0 end) = 1 as has_agent_leg,
        max(case when leg.processing_state = 'partial' then 1 else 0 end) = 1
            as has_partial_summary
    from {{ staged('int_events__twilio_leg') }} as leg
    inner join {{ ref('int_identity__record_call') }} as link on leg.record_id = link.record_id
    group by link.canonical_call_id
),

participants as (
    select
        link.canonical_call_id,
        max(case when hook.participant_kind = 'SIP' then 1 else 0 end) = 1 as has_sip_caller,
        max(case when hook.participant_kind = 'STANDARD' then 1 else 0 end) = 1 as has_web_caller
    from {{ staged('stg_livekit__webhook') }} as hook
    inner join {{ ref('int_identity__record_call') }} as link on hook.record_id = link.record_id
    group by link.canonical_call_id
),

spans as (
    select
        link.canonical_call_id,
        max(case when span.sip_livekit_call_id is not null then 1 else 0 end) = 1 as has_sip,
        max(case when span.room_sid is not null then 1 else 0 end) = 1 as has_room
    from {{ staged('stg_otlp__span') }} as span
    inner join {{ ref('int_identity__record_call') }} as link on span.record_id = link.record_id
    group by link.canonical_call_id
)

select
    call.canonical_call_id,
    coalesce(records.record_count, 0) as record_count,
    coalesce(records.has_connect, false) as has_connect,
    coalesce(records.has_twilio, false) as has_twilio,
    coalesce(records.has_livekit, false) as has_livekit,
    coalesce(records.has_spans, false) as has_spans,
    flow_transfers.canonical_call_id is not null or coalesce(contacts.is_transferred_out, false)
        as is_transferred_out,
    coalesce(records.has_connect and not records.has_contact_record, false)
        as is_contact_unfinished,
    coalesce(contacts.has_deleted_recording, false) as has_deleted_recording,
    coalesce(legs.has_agent_leg, false) as has_agent_leg,
    coalesce(legs.has_partial_summary, false) as has_partial_summary,
    coalesce(participants.has_sip_caller, false) or coalesce(spans.has_sip, false)
        as has_sip_caller,
    coalesce(participants.has_web_caller, false) as has_web_caller,
    coalesce(spans.has_room, false) as has_room_span
from {{ ref('int_identity__call') }} as call
left join records on call.canonical_call_id = records.canonical_call_id
left join flow_transfers on call.canonical_call_id = flow_transfers.canonical_call_id
left join contacts on call.canonical_call_id = contacts.canonical_call_id
left join legs on call.canonical_call_id = legs.canonical_call_id
left join participants on call.canonical_call_id = participants.canonical_call_id
left join spans on call.canonical_call_id = spans.canonical_call_id
