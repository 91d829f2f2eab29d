{#-
    CTEs ending in `scoped_instances`: the rows of `relation` with instance_number, which
    counts up within a scoped value wherever it was silent for longer than its namespace's
    instance_gap_hours. Silence is counted from the latest end seen so far, so that a long
    record bridges it. Statements without a time are instance 0, so that they spoil no other.
-#}
{% macro scoped_instances(relation) -%}
scoped_gaps as (
    select
        *,
        case
            when
                coalesce(started_at, landed_at)
                > max(coalesce(ended_at, started_at, landed_at)) over (
                    partition by namespace, alias_value
                    order by coalesce(started_at, landed_at), record_id, role
                    rows between unbounded preceding and 1 preceding
                ) + {{ hours('instance_gap_hours') }}
                then 1
            else 0
        end as begins_instance
    from {{ relation }}
    where kind = 'scoped' and unusable_reason is null
),

scoped_instances as (
    select
        *,
        1 + sum(begins_instance) over (
            partition by namespace, alias_value
            order by coalesce(started_at, landed_at), record_id, role
            rows between unbounded preceding and current row
        ) as instance_number
    from scoped_gaps
    union all
    select
        *,
        0 as begins_instance,
        case when unusable_reason = 'no_time' then 0 else 1 end as instance_number
    from {{ relation }}
    where kind != 'scoped' or unusable_reason is not null
)
{%- endmacro %}
