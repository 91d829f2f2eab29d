-- One row per Twilio recording: the version with the newest date_updated.
{{ stored_by('staged') }}
{% set fields = {
    'sid': 'VARCHAR', 'account_sid': 'VARCHAR', 'call_sid': 'VARCHAR', 'conference_sid': 'VARCHAR',
    'status': 'VARCHAR', 'source': 'VARCHAR', 'channels': 'BIGINT', 'duration': 'VARCHAR',
    'error_code': 'VARCHAR', 'media_url': 'VARCHAR',
    'encryption_details': {'encryption_public_key_sid': 'VARCHAR'},
    'date_created': 'VARCHAR', 'date_updated': 'VARCHAR', 'start_time': 'VARCHAR'
} %}
with

newest as (
    {{ newest_records(
        'twilio', 'recordings',
        version=utc_from_rfc2822(json_text('record', 'date_updated'))
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        {{ parse_record('record', fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        {{ epoch_us(utc_from_rfc2822('r.date_updated')) }} as source_version,
        -- ids
        r.sid as recording_sid,
        r.account_sid as account_sid,
        r.call_sid as call_sid,
        r.conference_sid as conference_sid,
        -- attributes
        r.status as status,
        r.source as recording_source,
        r.error_code as error_code,
        r.media_url as media_url,
        r.encryption_details.encryption_public_key_sid is not null as is_encrypted,
        -- numbers
        r.channels as channel_count,
        try_cast(r.duration as bigint) * 1000 as duration_ms,
        -- timestamps
        {{ utc_from_rfc2822('r.date_created') }} as created_at,
        {{ utc_from_rfc2822('r.start_time') }} as started_at,
        {{ utc_from_rfc2822('r.date_updated') }} as updated_at
    from parsed
)

select * from renamed
