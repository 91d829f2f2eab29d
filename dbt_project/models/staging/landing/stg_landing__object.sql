-- One row per landing object that the redaction step has read under the current policy.
{{ stored_by('scope') }}
with

objects as (
    select * from {{ landed_notes('objects') }}
),

renamed as (
    select
        landing_object,
        {{ path_in_zone('filename') }} as sidecar_file,
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
