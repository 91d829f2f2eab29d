-- One row per alias that a record states in a role, normalised, judged, and cut into instances.
with

stated as (
    {% for provider in var('providers') %}
    select * from {{ ref('int_identity__' ~ provider ~ '_aliases') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

normalised as (
    select
        stated.record_id,
        stated.provider,
        stated.stream,
        stated.record_key,
        stated.landed_at,
        stated.started_at,
        greatest(stated.ended_at, stated.started_at) as ended_at,
        stated.namespace,
        case namespaces.normalisation
            when 'lower' then lower(trim(stated.alias_value))
            when 'sid'
                then
                    upper(substr(trim(stated.alias_value), 1, 2))
                    || lower(substr(trim(stated.alias_value), 3))
            else trim(stated.alias_value)
        end as alias_value,
        stated.role,
        stated.alias_rank,
        stated.is_associating_record,
        namespaces.kind,
        namespaces.prefix,
        namespaces.min_length,
        namespaces.max_length,
        namespaces.charset,
        namespaces.instance_gap_hours
    from stated
    inner join {{ ref('alias_namespace') }} as namespaces
        on stated.namespace = namespaces.namespace
),

judged as (
    select
        normalised.*,
        case
            when
                null_like.alias_value is not null
                or replace(
                    replace(
                        substr(normalised.alias_value, length(coalesce(prefix, '')) + 1), '0', ''
                    ),
                    '-', ''
                ) = ''
                then 'null_like'
            when
                length(normalised.alias_value) not between min_length and max_length
                or substr(normalised.alias_value, 1, length(coalesce(prefix, '')))
                != coalesce(prefix, '')
                or (charset = 'word' and {{ has_blank('normalised.alias_value') }})
                or (
                    charset = 'hex'
                    and translate(
                        lower(
                            substr(normalised.alias_value, length(coalesce(prefix, '')) + 1)
                        ),
                        '0123456789abcdef',
                        ''
                    ) != ''
                )
                then 'malformed'
        end as unusable_reason
    from normalised
    left join {{ ref('null_like_value') }} as null_like
        on lower(normalised.alias_value) = null_like.alias_value
),

-- A trace ID that is only worked out from a Call SID names a trace that may not exist: it counts
-- where some record really carries it.
carried as (
    select *
    from judged
    where
        role != 'derived_trace_id'
        or alias_value in (
            select alias_value
            from judged
            where namespace = 'otel_trace_id' and role != 'derived_trace_id'
        )
),

{{ scoped_instances('carried') }}

select
    record_id,
    provider,
    stream,
    record_key,
    landed_at,
    started_at,
    ended_at,
    namespace,
    alias_value,
    cast(instance_number as integer) as instance_number,
    role,
    alias_rank,
    kind,
    is_associating_record,
    unusable_reason
from scoped_instances
