-- One row per Twilio call leg (Call SID): the version with the newest date_updated.
{{ stored_by('staged') }}
{% set fields = {
    'sid': 'VARCHAR', 'account_sid': 'VARCHAR', 'parent_call_sid': 'VARCHAR',
    'group_sid': 'VARCHAR', 'phone_number_sid': 'VARCHAR', 'trunk_sid': 'VARCHAR',
    'from': 'VARCHAR', 'to': 'VARCHAR', 'forwarded_from': 'VARCHAR', 'direction': 'VARCHAR',
    'status': 'VARCHAR', 'answered_by': 'VARCHAR', 'duration': 'VARCHAR', 'queue_time': 'VARCHAR',
    'price': 'VARCHAR', 'price_unit': 'VARCHAR', 'date_created': 'VARCHAR',
    'date_updated': 'VARCHAR', 'start_time': 'VARCHAR', 'end_time': 'VARCHAR'
} %}
with

newest as (
    {{ newest_records(
        'twilio', 'calls',
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
        r.sid as call_sid,
        r.account_sid as account_sid,
        r.parent_call_sid as parent_call_sid,
        r.group_sid as group_sid,
        r.phone_number_sid as phone_number_sid,
        r.trunk_sid as trunk_sid,
        -- attributes
        r."from" as from_token,
        r."to" as to_token,
        r.forwarded_from as forwarded_from_token,
        r.direction as direction,
        r.status as status,
        r.answered_by as answered_by,
        r.price_unit as price_unit,
        -- numbers
        try_cast(r.duration as bigint) * 1000 as duration_ms,
        try_cast(r.queue_time as bigint) as queue_time_ms,
        try_cast(r.price as decimal(18, 6)) as price,
        -- timestamps
        {{ utc_from_rfc2822('r.date_created') }} as created_at,
        {{ utc_from_rfc2822('r.start_time') }} as started_at,
        {{ utc_from_rfc2822('r.end_time') }} as ended_at,
        {{ utc_from_rfc2822('r.date_updated') }} as updated_at
    from parsed
)

select * from renamed
