-- One row per agent session (job): the report with the newest timestamp.
{{ stored_by('staged') }}
{% set redaction = {'state': 'VARCHAR', 'classes': ['VARCHAR']} %}
{% set turn_redaction = turn_redaction_fields() %}
{% set fields = {
    '_known': ['VARCHAR'], 'job_id': 'VARCHAR', 'room_id': 'VARCHAR', 'room': 'VARCHAR', 'timestamp': 'VARCHAR',
    'sdk_version': 'VARCHAR', 'audio_recording_path': 'VARCHAR', 'options': 'JSON',
    'metadata': {
        'agent_id': 'VARCHAR', 'agent_version': 'VARCHAR', 'prompt_version': 'VARCHAR',
        'environment': 'VARCHAR', 'language': 'VARCHAR'
    },
    'usage': [{
        'type': 'VARCHAR', 'provider': 'VARCHAR', 'model': 'VARCHAR', 'input_tokens': 'BIGINT',
        'output_tokens': 'BIGINT', 'audio_duration': 'DOUBLE', 'characters_count': 'BIGINT'
    }],
    'events': [{
        'type': 'VARCHAR', 'created_at': 'VARCHAR', 'transcript': 'VARCHAR',
        'transcript_redaction': redaction, 'is_final': 'BOOLEAN', 'language': 'VARCHAR',
        'old_state': 'VARCHAR', 'new_state': 'VARCHAR', 'source': 'VARCHAR', 'reason': 'VARCHAR',
        'error': 'JSON'
    }],
    'chat_history': {'items': [{
        'id': 'VARCHAR', 'type': 'VARCHAR', 'role': 'VARCHAR', 'content': 'VARCHAR',
        'content_redaction': turn_redaction, 'created_at': 'VARCHAR', 'interrupted': 'BOOLEAN',
        'transcript_confidence': 'DOUBLE', 'call_id': 'VARCHAR', 'name': 'VARCHAR',
        'arguments': 'VARCHAR', 'output': 'VARCHAR', 'output_redaction': redaction,
        'is_error': 'BOOLEAN', 'old_agent_id': 'VARCHAR', 'new_agent_id': 'VARCHAR',
        'metrics': {
            'transcription_delay': 'DOUBLE', 'end_of_turn_delay': 'DOUBLE',
            'on_user_turn_completed_delay': 'DOUBLE', 'llm_node_ttft': 'DOUBLE',
            'tts_node_ttfb': 'DOUBLE', 'playback_latency': 'DOUBLE', 'e2e_latency': 'DOUBLE',
            'started_speaking_at': 'VARCHAR', 'stopped_speaking_at': 'VARCHAR'
        }
    }]}
} %}
{% set dated = parse_record('record', {
    'timestamp': 'VARCHAR', 'events': [{'created_at': 'VARCHAR'}],
    'chat_history': {'items': [{'created_at': 'VARCHAR'}]}
}) %}
with

newest as (
    {{ newest_records(
        'livekit', 'session_reports',
        version=utc_from_epoch_seconds(json_text('record', 'timestamp')),
        start='coalesce(' ~ [
            least_instant_in('(' ~ dated ~ ').events', 'created_at'),
            least_instant_in('(' ~ dated ~ ').chat_history.items', 'created_at'),
            utc_from_epoch_seconds('(' ~ dated ~ ').timestamp'),
        ] | join(', ') ~ ')'
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        first_started_at,
        {{ parse_record('record', fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        {{ epoch_us(utc_from_epoch_seconds('r.timestamp')) }} as source_version,
        -- ids
        r.job_id as job_id,
        r.room_id as room_sid,
        r.room as room_name,
        -- attributes
        r._known as known_name_tokens,
        r.sdk_version as sdk_version,
        r.metadata.agent_id as agent_id,
        r.metadata.agent_version as agent_version,
        r.metadata.prompt_version as prompt_version,
        r.metadata.environment as environment,
        r.metadata.language as language,
        r.audio_recording_path as audio_recording_path,
        cast(r.options as varchar) as options,
        r.usage as usage_items,
        r.events as session_events,
        r.chat_history.items as chat_items,
        -- timestamps
        {{ least_instant_in('r.events', 'created_at') }} as first_event_at,
        {{ least_instant_in('r.chat_history.items', 'created_at') }} as first_item_at,
        {{ utc_from_epoch_seconds('r.timestamp') }} as reported_at,
        first_started_at
    from parsed
)

select * from renamed
