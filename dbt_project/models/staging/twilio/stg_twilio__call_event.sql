-- One row per Voice Insights event of a call.
{{ stored_by('staged') }}
{% set latency = {'latency_ms': 'DOUBLE'} %}
{% set fields = {
    'call_sid': 'VARCHAR', 'account_sid': 'VARCHAR', 'timestamp': 'VARCHAR', 'edge': 'VARCHAR',
    'group': 'VARCHAR', 'name': 'VARCHAR', 'level': 'VARCHAR', 'session_id': 'VARCHAR',
    'sequence_number': 'BIGINT', 'tts_latency': latency, 'stt_latency': latency,
    'interrupt': {'type': 'VARCHAR'}, 'error': {'error_code': 'BIGINT'},
    'carrier_edge': 'JSON', 'sip_edge': 'JSON', 'sdk_edge': 'JSON', 'client_edge': 'JSON'
} %}
with

newest as (
    {{ newest_records('twilio', 'events') }}
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
        cast(null as bigint) as source_version,
        -- ids
        r.call_sid as call_sid,
        r.account_sid as account_sid,
        r.session_id as relay_session_id,
        -- attributes
        r.edge as edge,
        r."group" as event_group,
        r.name as event_name,
        r.level as level,
        r.interrupt.type as interrupt_type,
        coalesce(
            {{ null_if_json_null('r.carrier_edge') }}, {{ null_if_json_null('r.sip_edge') }},
            {{ null_if_json_null('r.sdk_edge') }}, {{ null_if_json_null('r.client_edge') }}
        ) as edge_details,
        -- numbers
        r.sequence_number as provider_sequence,
        r.tts_latency.latency_ms as tts_latency_ms,
        r.stt_latency.latency_ms as stt_latency_ms,
        r.error.error_code as error_code,
        -- timestamps
        {{ utc_from_iso('r.timestamp') }} as occurred_at
    from parsed
)

select * from renamed
