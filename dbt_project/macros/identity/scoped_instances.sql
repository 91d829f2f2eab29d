{#-
    CTEs ending in `scoped_instances`: the rows of `relation` with `instance`, the stretch of time
    within a scoped value, named by when it begins (microseconds since 1970). A new one begins
    wherever the value was silent for longer than its namespace's instance_gap_hours. Silence is
    counted from the latest end seen so far, so that a long record bridges it. What is not scoped,
    or has no time, is instance 0. A name that were a running number would change with whatever
    lands earlier in time.
-#}
{% macro scoped_instances(relation) -%}
{%- set order = 'order by started_at, record_id, role' -%}
scoped_gaps as (
    select
        *,
        case
            when
                started_at
                > max({{ capped_end('started_at', 'ended_at') }}) over (
                    partition by namespace, alias_value {{ order }}
                    rows between unbounded preceding and 1 preceding
                ) + {{ hours('instance_gap_hours') }}
                then 1
            else 0
        end as begins_instance
    from {{ relation }}
    where kind = 'scoped' and unusable_reason is null
),

scoped_numbers as (
    select
        *,
        sum(begins_instance) over (
            partition by namespace, alias_value {{ order }}
            rows between unbounded preceding and current row
        ) as instance_number
    from scoped_gaps
),

scoped_instances as (
    select
        *,
        {{ epoch_us('min(started_at) over (partition by namespace, alias_value, instance_number)') }}
            as instance
    from scoped_numbers
    union all
    select
        *,
        0 as begins_instance,
        0 as instance_number,
        0 as instance
    from {{ relation }}
    where kind != 'scoped' or unusable_reason is not null
)
{%- endmacro %}

{#- A record's end, but no more than two days after its start: a wrong clock bridges no silence. -#}
{% macro capped_end(started_at, ended_at) -%}
    least(coalesce({{ ended_at }}, {{ started_at }}), {{ started_at }} + {{ hours(48) }})
{%- endmacro %}
