{#- How final a Voice Insights summary is: complete after partial after anything else. -#}
{% macro processing_rank(column) -%}
    cast(
        case lower({{ column }}) when 'complete' then 2 when 'partial' then 1 else 0 end as bigint
    )
{%- endmacro %}
