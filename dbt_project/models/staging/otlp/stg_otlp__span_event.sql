-- One row per event recorded on a span.
with

items as (
    {{ unnested(
        staged('stg_otlp__span'),
        'span_events',
        'record_id, record_key, landing_object, landing_line, dt, landed_at, policy_version, '
        ~ 'redaction_state, redaction_classes, trace_id, span_id, job_id'
    ) }}
),

span_events as (
    select
        -- ids
        record_id,
        record_key,
        landing_object,
        landing_line,
        dt,
        policy_version,
        trace_id,
        span_id,
        job_id,
        position as event_index,
        -- attributes
        item.name as event_name,
        redaction_state,
        redaction_classes,
        item.attributes['guardrail.name'] as guardrail_name,
        item.attributes['guardrail.action'] as guardrail_action,
        item.attributes as event_attributes,
        -- timestamps
        {{ utc_from_epoch_ns('item.timeUnixNano') }} as occurred_at,
        landed_at
    from items
)

select * from span_events
