{#-
    The event's own details as one JSON object of text: `columns` are column names, or
    (key, expression) pairs. Members that are null are left out.
-#}
{% macro payload(columns) -%}
    {{ return(adapter.dispatch('payload')(columns)) }}
{%- endmacro %}

{% macro duckdb__payload(columns) -%}
    cast(json_merge_patch('{}', json_object(
        {%- for column in columns %}
        {%- if column is string %}'{{ column }}', {{ column }}
        {%- else %}'{{ column[0] }}', {{ column[1] }}{% endif %}
        {%- if not loop.last %}, {% endif %}
        {%- endfor -%}
    )) as varchar)
{%- endmacro %}
