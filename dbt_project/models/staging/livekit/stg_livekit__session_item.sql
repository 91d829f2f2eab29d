-- One row per chat history item of an agent session: message, function call, its output, hand-off.
with

items as (
    {{ unnested(
        staged('stg_livekit__session_report'),
        'chat_items',
        'record_id, record_key, landing_object, landing_line, dt, landed_at, policy_version, '
        ~ 'job_id, room_sid, redaction_state as record_redaction_state'
    ) }}
),

session_items as (
    select
        -- ids
        record_id,
        record_key,
        landing_object,
        landing_line,
        dt,
        policy_version,
        job_id,
        room_sid,
        position as item_index,
        item.id as item_id,
        item.call_id as function_call_id,
        -- attributes
        item.type as item_type,
        item.role as role,
        item.content as content,
        item.content_redaction.strict as content_strict,
        item.content_redaction.candidates as name_candidates,
        coalesce(
            item.content_redaction.state, item.output_redaction.state, record_redaction_state
        ) as redaction_state,
        coalesce(item.content_redaction.classes, item.output_redaction.classes)
            as redaction_classes,
        item.name as function_name,
        item.arguments as arguments,
        item.output as output,
        item.is_error as is_error,
        item.interrupted as was_interrupted,
        item.old_agent_id as old_agent_id,
        item.new_agent_id as new_agent_id,
        -- numbers
        item.transcript_confidence as transcript_confidence,
        item.metrics.transcription_delay * 1000 as transcription_delay_ms,
        item.metrics.end_of_turn_delay * 1000 as end_of_turn_delay_ms,
        item.metrics.on_user_turn_completed_delay * 1000 as turn_completed_callback_ms,
        item.metrics.llm_node_ttft * 1000 as llm_ttft_ms,
        item.metrics.tts_node_ttfb * 1000 as tts_ttfb_ms,
        item.metrics.playback_latency * 1000 as playback_latency_ms,
        item.metrics.e2e_latency * 1000 as e2e_latency_ms,
        -- timestamps
        {{ utc_from_epoch_seconds('item.created_at') }} as created_at,
        {{ utc_from_epoch_seconds('item.metrics.started_speaking_at') }} as started_speaking_at,
        {{ utc_from_epoch_seconds('item.metrics.stopped_speaking_at') }} as stopped_speaking_at,
        landed_at
    from items
)

select * from session_items
