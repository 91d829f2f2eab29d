-- One row per event of an agent session report.
with

items as (
    {{ unnested(
        staged('stg_livekit__session_report'),
        'session_events',
        'record_id, record_key, landing_object, landing_line, dt, landed_at, policy_version, '
        ~ 'job_id, room_sid, redaction_state as record_redaction_state'
    ) }}
),

session_events as (
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
        position as event_index,
        -- attributes
        item.type as event_name,
        item.transcript as transcript,
        coalesce(item.transcript_redaction.state, record_redaction_state) as redaction_state,
        item.transcript_redaction.classes as redaction_classes,
        item.is_final as is_final,
        item.language as language,
        item.old_state as old_state,
        item.new_state as new_state,
        item.source as event_source,
        item.reason as reason,
        {{ null_if_json_null('item.error') }} as error,
        -- timestamps
        {{ utc_from_epoch_seconds('item.created_at') }} as created_at,
        landed_at
    from items
)

select * from session_events
