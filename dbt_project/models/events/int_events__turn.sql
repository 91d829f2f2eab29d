-- One row per turn of a conversation, from agent session reports and Contact Lens.
{% set low = var('low_confidence_threshold', 0.6) %}
with

session_turns as (
    select
        item.record_id,
        item.record_key,
        'livekit' as provider,
        'session_reports' as stream,
        'agent' as source_system,
        item.landing_object,
        item.policy_version,
        item.landed_at,
        cast(null as varchar) as current_contact_id,
        item.job_id as agent_session_id,
        item.item_index as turn_position,
        case when item.role = 'user' then 'user' else 'agent' end as speaker,
        item.content as turn_text,
        item.content_strict as strict_text,
        item.name_candidates,
        item.redaction_state,
        item.redaction_classes,
        item.transcript_confidence as asr_confidence,
        coalesce(item.was_interrupted, false) as was_interrupted,
        item.e2e_latency_ms,
        item.transcription_delay_ms,
        item.end_of_turn_delay_ms,
        item.llm_ttft_ms,
        item.tts_ttfb_ms,
        coalesce(item.started_speaking_at, item.created_at) as started_at,
        coalesce(item.stopped_speaking_at, item.created_at) as ended_at,
        1 as resolution_ms,
        report.audio_recording_path as audio_location,
        coalesce(report.first_event_at, report.first_item_at) as audio_started_at
    from {{ staged('stg_livekit__session_item') }} as item
    inner join {{ staged('stg_livekit__session_report') }} as report
        on item.record_id = report.record_id
    where item.item_type = 'message' and item.role in ('user', 'assistant')
),

-- The vendor's redacted twin is preferred to the original (S0-98); both passed our own redaction.
preferred_analyses as (
    select
        record_id,
        contact_id,
        analysed_at,
        row_number() over (
            partition by contact_id
            order by
                case when artefact = 'redacted' then 0 else 1 end asc,
                analysed_at desc nulls last,
                record_id asc
        ) as preference
    from {{ staged('stg_amazon_connect__contact_lens') }}
),

-- Contact Lens has offsets from the start of the conversation and no clock of its own: the contact
-- record says when the person was connected.
contact_turns as (
    select
        turn.record_id,
        turn.record_key,
        'amazon_connect' as provider,
        'contact_lens' as stream,
        'ivr' as source_system,
        turn.landing_object,
        turn.policy_version,
        turn.landed_at,
        turn.contact_id as current_contact_id,
        cast(null as varchar) as agent_session_id,
        turn.turn_index as turn_position,
        case coalesce(turn.participant_role, turn.participant_id)
            when 'CUSTOMER' then 'user' else 'human_agent'
        end as speaker,
        turn.content as turn_text,
        turn.content_strict as strict_text,
        turn.name_candidates,
        turn.redaction_state,
        turn.redaction_classes,
        cast(null as double) as asr_confidence,
        false as was_interrupted,
        cast(null as double) as e2e_latency_ms,
        cast(null as double) as transcription_delay_ms,
        cast(null as double) as end_of_turn_delay_ms,
        cast(null as double) as llm_ttft_ms,
        cast(null as double) as tts_ttfb_ms,
        {{ add_ms('coalesce(contact.connected_to_agent_at, contact.initiated_at, analysed_at)',
                  'turn.begin_offset_ms') }} as started_at,
        {{ add_ms('coalesce(contact.connected_to_agent_at, contact.initiated_at, analysed_at)',
                  'turn.end_offset_ms') }} as ended_at,
        case when contact.connected_to_agent_at is null then 3600000 else 1000 end
            as resolution_ms,
        contact.recording_location as audio_location,
        contact.connected_to_agent_at as audio_started_at
    from {{ staged('stg_amazon_connect__transcript_turn') }} as turn
    inner join preferred_analyses as analysis
        on turn.record_id = analysis.record_id and analysis.preference = 1
    left join {{ staged('stg_amazon_connect__contact_record') }} as contact
        on turn.contact_id = contact.contact_id
),

turns as (
    select * from session_turns
    union all
    select * from contact_turns
)

select
    *,
    substr({{ sha256_hex("record_id || '|turn|' || turn_position") }}, 1, 32) as turn_id,
    coalesce(asr_confidence < {{ low }}, false) as is_low_confidence,
    -- A media fragment: seconds from the start of the recording (S0-97, S0-146).
    audio_location || coalesce(
        '#t='
        || cast(round({{ ms_between('audio_started_at', 'started_at') }} / 1000, 1) as varchar)
        || ','
        || cast(round({{ ms_between('audio_started_at', 'ended_at') }} / 1000, 1) as varchar),
        ''
    ) as audio_pointer
from turns
