{#-
    The columns of an event envelope, in the one order that every provider's model keeps. All
    arguments are SQL expressions over the rows of one staging model (with record_columns()); a
    plain event type such as ivr.timeout is quoted here, an expression stands in brackets. A stream
    given as the provider alone is taken from the column `stream`. `discriminator` tells apart
    events of one type that one record gives. `severity` null means the event type's default.
-#}
{% macro event_columns(
    stream, system, event_type, at, resolution_ms,
    discriminator="''", sequence='null', severity='null', details=[], sensitive='false',
    redaction='redaction_state', contact='null', call_sid='null', session='null', trace='null'
) -%}
    {%- set type = event_type if '(' in event_type else "'" ~ event_type ~ "'" -%}
    {{ sha256_hex("record_id || '|' || " ~ type ~ " || '|' || " ~ discriminator) }} as event_id,
    record_id,
    record_key,
    '{{ stream.split('.')[0] }}' as provider,
    {{ "'" ~ stream.split('.')[1] ~ "'" if '.' in stream else 'stream' }} as stream,
    '{{ system }}' as source_system,
    {{ type }} as event_type,
    cast({{ severity }} as varchar) as severity,
    -- What says no time is placed on the day that it landed.
    coalesce({{ at }}, landed_at) as occurred_at,
    cast(case when {{ at }} is null then 86400000 else {{ resolution_ms }} end as integer)
        as occurred_at_resolution_ms,
    cast({{ sequence }} as bigint) as provider_sequence,
    {{ payload(details) }} as payload,
    {{ redaction }} as redaction_state,
    {{ sensitive }} as contains_sensitive_input,
    policy_version,
    landing_object,
    cast({{ contact }} as varchar) as current_contact_id,
    cast({{ call_sid }} as varchar) as twilio_call_sid,
    cast({{ session }} as varchar) as agent_session_id,
    cast({{ trace }} as varchar) as otel_trace_id
{%- endmacro %}
