{#- Whether a text holds white space. -#}
{% macro has_blank(column) -%}
    {{ return(adapter.dispatch('has_blank')(column)) }}
{%- endmacro %}

{% macro duckdb__has_blank(column) -%}
    regexp_matches({{ column }}, '\s')
{%- endmacro %}
