{#- The files that match a glob, one row a file. -#}
{% macro files_matching(pattern) -%}
    {{ return(adapter.dispatch('files_matching')(pattern)) }}
{%- endmacro %}

{% macro duckdb__files_matching(pattern) -%}
    select file from glob('{{ pattern | replace("'", "''") }}')
{%- endmacro %}

{#- Sixty-four bits of a text's hash, for joins in which a rare clash does no harm. -#}
{% macro hash64(column) -%}
    {{ return(adapter.dispatch('hash64')(column)) }}
{%- endmacro %}

{% macro duckdb__hash64(column) -%}
    hash({{ column }})
{%- endmacro %}

{#- The whole numbers from one to another, both included, as a list. -#}
{% macro number_list(first, last) -%}
    {{ return(adapter.dispatch('number_list')(first, last)) }}
{%- endmacro %}

{% macro duckdb__number_list(first, last) -%}
    generate_series({{ first }}, {{ last }})
{%- endmacro %}

{#- The lines of the JSON files that match a glob, with the given columns. -#}
{% macro json_lines(pattern, columns) -%}
    {{ return(adapter.dispatch('json_lines')(pattern, columns)) }}
{%- endmacro %}

{% macro duckdb__json_lines(pattern, columns) -%}
    read_json('{{ pattern | replace("'", "''") }}', format = 'newline_delimited', columns = {{ columns }})
{%- endmacro %}
