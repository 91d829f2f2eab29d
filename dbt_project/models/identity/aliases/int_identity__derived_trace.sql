-- One row per Twilio call whose trace ID, worked out from the Call SID (S4-12), some record
-- carries. The IDs of traces that were never made name nothing and are left out.
{{ config(materialized='scratch_view') }}
with

derived as (
    select
        record_id,
        record_key,
        first_landed_at,
        {{ trace_id_of_call_sid('call_sid') }} as trace_id,
        created_at,
        ended_at
    from {{ ref('stg_twilio__call') }}
),

carried as (
    select trace_id from {{ ref('stg_otlp__span') }}
    union
    select lower(trace_id) as trace_id from {{ ref('stg_livekit__webhook') }}
)

select derived.*
from derived
inner join carried on derived.trace_id = carried.trace_id
