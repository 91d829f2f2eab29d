-- One row per landing object that the redaction step has read under the current policy.
{{ config(materialized='stored', database=target.database, stored_by='scope') }}
with

objects as (
    select * from {{ landed_notes('objects') }}
),

renamed as (
    select
        landing_object,
        substr(filename, length('{{ redacted_folder() | replace("'", "''") }}') + 2) as sidecar_file,
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
