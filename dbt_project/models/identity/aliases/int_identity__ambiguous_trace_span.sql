-- One row per span whose trace ID names several sessions or none. Most spans carry no ID but their
-- trace's; where that is poisoned they still say which span they belong under.
{{ config(materialized='scratch_view') }}
with

spans as (
    select * from {{ ref('stg_otlp__span') }}
),

ambiguous as (
    select trace_id
    from spans
    group by trace_id
    having
        count(distinct job_id) > 1
        or count(distinct room_sid) > 1
        or replace(trace_id, '0', '') = ''
)

select
    spans.record_id,
    spans.record_key,
    spans.first_landed_at,
    spans.trace_id || ':' || spans.span_id as span_alias,
    spans.trace_id || ':' || spans.parent_span_id as parent_span_alias,
    spans.started_at,
    spans.ended_at
from spans
inner join ambiguous on spans.trace_id = ambiguous.trace_id
