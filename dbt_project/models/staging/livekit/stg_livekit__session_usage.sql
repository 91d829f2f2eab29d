-- One row per usage entry (model or speech service) of an agent session report.
with

items as (
    {{ unnested(
        staged('stg_livekit__session_report'), 'usage_items', 'record_id, record_key, dt, job_id'
    ) }}
),

session_usage as (
    select
        -- ids
        record_id,
        record_key,
        dt,
        job_id,
        position as usage_index,
        -- attributes
        item.type as usage_type,
        item.provider as provider_name,
        item.model as model,
        -- numbers
        item.input_tokens as input_tokens,
        item.output_tokens as output_tokens,
        item.characters_count as characters_count,
        item.audio_duration * 1000 as audio_duration_ms
    from items
)

select * from session_usage
