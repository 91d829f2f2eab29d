-- One row per Voice Insights summary (Call SID): the most complete processing state.
{{ stored_by('staged') }}
{% set party = {
    'caller': 'VARCHAR', 'callee': 'VARCHAR', 'carrier': 'VARCHAR', 'connection': 'VARCHAR',
    'country_code': 'VARCHAR'
} %}
{% set metrics = {
    'codec_name': 'VARCHAR', 'packets_loss_percentage': 'DOUBLE',
    'jitter': {'max': 'DOUBLE', 'avg': 'DOUBLE'}, 'latency': {'max': 'DOUBLE', 'avg': 'DOUBLE'}
} %}
{% set edge = {
    'properties': {
        'edge_location': 'VARCHAR', 'media_region': 'VARCHAR', 'sip_call_id': 'VARCHAR',
        'trunk_sid': 'VARCHAR'
    },
    'metrics': {'inbound': metrics, 'outbound': metrics}
} %}
{% set fields = {
    'call_sid': 'VARCHAR', 'account_sid': 'VARCHAR', 'call_type': 'VARCHAR',
    'call_state': 'VARCHAR', 'processing_state': 'VARCHAR', 'answered_by': 'VARCHAR',
    'created_time': 'VARCHAR', 'start_time': 'VARCHAR', 'end_time': 'VARCHAR',
    'duration': 'BIGINT', 'connect_duration': 'BIGINT', 'from': party, 'to': party,
    'carrier_edge': edge, 'sip_edge': edge, 'sdk_edge': edge, 'client_edge': edge,
    'tags': ['VARCHAR'],
    'properties': {
        'last_sip_response_num': 'BIGINT', 'pdd_ms': 'DOUBLE', 'disconnected_by': 'VARCHAR',
        'direction': 'VARCHAR'
    }
} %}
with

newest as (
    {{ newest_records(
        'twilio', 'summaries',
        version=processing_rank(json_text('record', 'processing_state')),
        start=utc_from_iso(json_text('record', 'created_time'))
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        first_started_at,
        {{ parse_record('record', fields) }} as r
    from newest
),

-- The edge nearest the caller that measured anything speaks for the leg.
edges as (
    select
        *,
        coalesce(r.carrier_edge, r.sip_edge, r.sdk_edge, r.client_edge) as e
    from parsed
),

renamed as (
    select
        {{ record_columns() }},
        {{ processing_rank('r.processing_state') }} as source_version,
        -- ids
        r.call_sid as call_sid,
        r.account_sid as account_sid,
        coalesce(r.sip_edge.properties.sip_call_id, r.carrier_edge.properties.sip_call_id)
            as sip_call_id,
        coalesce(r.sip_edge.properties.trunk_sid, r.carrier_edge.properties.trunk_sid) as trunk_sid,
        -- attributes
        r.call_type as call_type,
        r.call_state as call_state,
        r.processing_state as processing_state,
        r.answered_by as answered_by,
        r.properties.direction as direction,
        r.properties.disconnected_by as disconnected_by,
        r."from".caller as from_token,
        r."from".carrier as from_carrier,
        r."from".connection as from_connection,
        r."from".country_code as from_country_code,
        r."to".callee as to_token,
        r."to".carrier as to_carrier,
        r."to".connection as to_connection,
        r."to".country_code as to_country_code,
        e.properties.edge_location as edge_location,
        e.properties.media_region as media_region,
        coalesce(e.metrics.inbound.codec_name, e.metrics.outbound.codec_name) as codec,
        r.tags as tags,
        -- numbers
        r.duration * 1000 as duration_ms,
        r.connect_duration * 1000 as connect_duration_ms,
        r.properties.pdd_ms as post_dial_delay_ms,
        r.properties.last_sip_response_num as last_sip_response,
        e.metrics.inbound.packets_loss_percentage as inbound_packet_loss_pct,
        e.metrics.outbound.packets_loss_percentage as outbound_packet_loss_pct,
        e.metrics.inbound.jitter.avg as inbound_jitter_avg_ms,
        e.metrics.outbound.jitter.avg as outbound_jitter_avg_ms,
        e.metrics.inbound.jitter.max as inbound_jitter_max_ms,
        e.metrics.outbound.jitter.max as outbound_jitter_max_ms,
        -- timestamps
        {{ utc_from_iso('r.created_time') }} as created_at,
        {{ utc_from_iso('r.start_time') }} as started_at,
        {{ utc_from_iso('r.end_time') }} as ended_at,
        first_started_at
    from edges
)

select * from renamed
