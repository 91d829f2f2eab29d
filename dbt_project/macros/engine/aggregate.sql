{#- Aggregates whose names differ between engines. -#}

{#- The value of `column` in the row with the least `key`; rows with a null key do not count. -#}
{% macro min_by(column, key) -%}
    {{ return(adapter.dispatch('min_by')(column, key)) }}
{%- endmacro %}

{% macro duckdb__min_by(column, key) -%}
    arg_min({{ column }}, {{ key }})
{%- endmacro %}

{#- The median of a number. -#}
{% macro median(column) -%}
    {{ return(adapter.dispatch('median')(column)) }}
{%- endmacro %}

{% macro duckdb__median(column) -%}
    median({{ column }})
{%- endmacro %}

{#- The first `count` different values of a column in their own order, as a list. -#}
{% macro first_values(column, count) -%}
    {{ return(adapter.dispatch('first_values')(column, count)) }}
{%- endmacro %}

{% macro duckdb__first_values(column, count) -%}
    list_slice(list_sort(list(distinct {{ column }})), 1, {{ count }})
{%- endmacro %}

{#- The different values of a column in ascending order, as a list. -#}
{% macro sorted_list(column) -%}
    {{ return(adapter.dispatch('sorted_list')(column)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(column) -%}
    list_sort(list_distinct(list({{ column }})))
{%- endmacro %}
