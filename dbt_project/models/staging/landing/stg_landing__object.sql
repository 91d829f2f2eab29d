-- One row per landing object that the redaction step has read under the current policy.
with

objects as (
    select * from {{ source('landing', 'objects') }}
),

renamed as (
    select
        landing_object,
        provider,
        stream,
        dt,
        policy_version,
        received as received_count,
        redacted as redacted_count,
        rows as row_count,
        rejected as rejected_count,
        states,
        classes,
        drift,
        {{ utc_from_instant('landed_at') }} as landed_at,
        {{ utc_from_instant('redacted_at') }} as redacted_at
    from objects
    where landing_object is not null
)

select * from renamed
