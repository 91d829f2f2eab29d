-- One row per value that a provider sent and the project does not know: kept, counted, never lost.
{% set watched = [
    ('amazon_connect', 'contact_records', 'initiation_method',
     'stg_amazon_connect__contact_record', 'initiation_method'),
    ('amazon_connect', 'contact_records', 'disconnect_reason',
     'stg_amazon_connect__contact_record', 'disconnect_reason'),
    ('amazon_connect', 'flow_logs', 'module_type', 'stg_amazon_connect__flow_log', 'module_type'),
    ('livekit', 'webhooks', 'event', 'stg_livekit__webhook', "event_name || case
        when event_name like 'participant_%' then coalesce('/' || participant_kind, '')
        else '' end"),
    ('livekit', 'session_reports', 'event', 'stg_livekit__session_event', 'event_name'),
    ('livekit', 'session_reports', 'item', 'stg_livekit__session_item', 'item_type'),
    ('otlp', 'spans', 'name', 'stg_otlp__span', 'span_name'),
    ('otlp', 'spans', 'event', 'stg_otlp__span_event', 'event_name'),
    ('twilio', 'calls', 'status', 'stg_twilio__call', 'status'),
    ('twilio', 'calls', 'direction', 'stg_twilio__call', 'direction'),
    ('twilio', 'summaries', 'processing_state', 'stg_twilio__call_summary', 'processing_state'),
    ('twilio', 'events', 'name', 'stg_twilio__call_event',
     "coalesce(event_group, '') || '/' || coalesce(event_name, '')"),
    ('zendesk', 'tickets', 'status', 'stg_zendesk__ticket', 'status'),
    ('zendesk', 'tickets', 'disposition', 'stg_zendesk__ticket', 'disposition'),
] %}
with

tags as (
    {{ unnested(staged('stg_twilio__call_summary'), 'tags', 'dt') }}
),

seen as (
    {% for provider, stream, field, model, expression in watched %}
    select
        '{{ provider }}' as provider,
        '{{ stream }}' as stream,
        '{{ field }}' as field,
        {{ expression }} as value,
        count(*) as record_count,
        min(dt) as first_dt,
        max(dt) as last_dt
    from {{ staged(model) }}
    group by {{ expression }}
    union all
    {% endfor %}
    select
        'twilio' as provider,
        'summaries' as stream,
        'tag' as field,
        item as value,
        count(*) as record_count,
        min(dt) as first_dt,
        max(dt) as last_dt
    from tags
    group by item
)

select seen.*
from seen
left join {{ ref('provider_value') }} as known
    on
        seen.provider = known.provider
        and seen.stream = known.stream
        and seen.field = known.field
        and seen.value = known.value
where known.value is null and seen.value is not null
