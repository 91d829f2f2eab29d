-- One row per alias that a record states in a role, normalised, judged, and cut into instances.
{{ stored_by('record') }}
with

stated as (
    {% for provider in var('providers') %}
    select * from {{ staged('int_identity__' ~ provider ~ '_aliases') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

observed as (
    select
        stated.record_id,
        stated.landed_at,
        stated.started_at,
        greatest(stated.ended_at, stated.started_at) as ended_at,
        stated.namespace,
        alias_values.alias_value,
        stated.role,
        stated.alias_rank,
        alias_values.kind,
        alias_values.instance_gap_hours,
        stated.is_associating_record,
        case
            -- A value that means one call for a while says nothing without a time.
            when alias_values.kind = 'scoped' and stated.started_at is null
                then coalesce(alias_values.unusable_reason, 'no_time')
            else alias_values.unusable_reason
        end as unusable_reason
    from stated
    inner join {{ ref('int_identity__alias_value') }} as alias_values
        on
            stated.namespace = alias_values.namespace
            and stated.alias_value = alias_values.stated_value
    -- What people have excluded was never stated.
    where
        not exists (
            select 1 from {{ ref('identity_exclusion') }} as excluded
            where
                coalesce(excluded.record_id, stated.record_id) = stated.record_id
                and coalesce(excluded.namespace, stated.namespace) = stated.namespace
                and coalesce(excluded.alias_value, alias_values.alias_value)
                = alias_values.alias_value
        )
),

{{ scoped_instances('observed') }}

select
    record_id,
    landed_at,
    started_at,
    ended_at,
    namespace,
    alias_value,
    cast(instance as bigint) as instance,
    role,
    alias_rank,
    kind,
    is_associating_record,
    unusable_reason
from scoped_instances
