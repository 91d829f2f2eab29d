-- One row per input that was refused, on landing (no line) or by the redaction step (a line).
{{ stored_by('note_file') }}
with

rejects as (
    select * from {{ landed_notes('rejects') }}
),

renamed as (
    select
        object || coalesce(':' || cast(line as varchar), '') as reject_id,
        {{ path_in_zone('filename') }} as note_file,
        provider,
        stream,
        object as landing_object,
        line as landing_line,
        case when line is null then 'landing' else 'redaction' end as rejected_by,
        reason,
        sha256,
        bytes as byte_count,
        {{ utc_from_instant('landed_at') }} as landed_at
    from rejects
    where object is not null
)

select * from renamed
