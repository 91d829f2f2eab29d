{#-
    What the records of one staging model say about which call they belong to: one select per
    alias, united. `aliases` lists (namespace, column, role, rank); the role may be an SQL
    expression. Rank 1 is the record's own identifier, which no later version of the record
    changes: the derived call ID is made from it. `started_at` and `ended_at` are expressions
    for the record's own time.
-#}
{% macro alias_rows(model, provider, stream, started_at, ended_at, aliases, associating=false) -%}
    {%- for namespace, column, role, rank in aliases %}
    select
        record_id,
        '{{ provider }}' as provider,
        '{{ stream }}' as stream,
        record_key,
        first_landed_at as landed_at,
        {{ started_at }} as started_at,
        coalesce({{ ended_at }}, {{ started_at }}) as ended_at,
        '{{ namespace }}' as namespace,
        {{ column }} as alias_value,
        {{ role if ' ' in role else "'" ~ role ~ "'" }} as role,
        {{ rank }} as alias_rank,
        {{ associating }} as is_associating_record
    from {{ ref(model) }}
    where nullif(trim({{ column }}), '') is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
