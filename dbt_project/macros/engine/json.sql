{#- How this engine reads JSON. Models never call the engine's JSON functions themselves. -#}

{#-
    The whole record as one typed struct, parsed once. `fields` is a mapping from the
    provider's own field name to a type name, a nested mapping, or a list holding one of
    these. What is missing or cannot be cast is null and never fails the run.
-#}
{% macro parse_record(column, fields) -%}
    {{ return(adapter.dispatch('parse_record')(column, fields)) }}
{%- endmacro %}

{% macro duckdb__parse_record(column, fields) -%}
    json_transform({{ column }}, '{{ tojson(fields) }}')
{%- endmacro %}

{#-
    The record with the spelling of its top-level keys set to `names` wherever they differ in
    case only. Amazon Connect's samples mix agentInfo with AgentInfo. Rewriting is paid for by
    odd records alone: a key that is neither known nor a variant of a known one leaves the
    record as it is.
-#}
{% macro with_key_case(column, names) -%}
    {{ return(adapter.dispatch('with_key_case')(column, names)) }}
{%- endmacro %}

{% macro duckdb__with_key_case(column, names) -%}
    {%- set spellings -%}
        map {
            {%- for name in names %}'{{ name | lower }}': '{{ name }}'
            {%- if not loop.last %}, {% endif %}{% endfor -%}
        }
    {%- endset -%}
    case
        when list_has_any(
            list_transform(
                list_filter(
                    json_keys({{ column }}),
                    lambda k: k not in ('{{ names | join("', '") }}')
                ),
                lambda k: lower(k)
            ),
            ['{{ names | map("lower") | join("', '") }}']
        )
        then
            '{' || array_to_string(
                list_transform(
                    json_keys({{ column }}),
                    lambda k: to_json(coalesce({{ spellings }}[lower(k)], k)) || ':'
                    || json_extract(
                        {{ column }}, '/' || replace(replace(k, '~', '~0'), '/', '~1')
                    )
                ),
                ','
            ) || '}'
        else {{ column }}
    end
{%- endmacro %}

{#- A list column as rows: `position` counts from 1, `item` is the element. -#}
{% macro unnested(relation, list_column, columns) -%}
    {{ return(adapter.dispatch('unnested')(relation, list_column, columns)) }}
{%- endmacro %}

{% macro duckdb__unnested(relation, list_column, columns) -%}
    select
        {{ columns }},
        unnest({{ list_column }}) as item,
        generate_subscripts({{ list_column }}, 1) as position
    from {{ relation }}
{%- endmacro %}

{#- One scalar member of a JSON value as text. -#}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, key) -%}
    ({{ column }} ->> '$."{{ key }}"')
{%- endmacro %}

{#- Number of elements of a list column; null for a null list. -#}
{% macro list_size(column) -%}
    {{ return(adapter.dispatch('list_size')(column)) }}
{%- endmacro %}

{% macro duckdb__list_size(column) -%}
    len({{ column }})
{%- endmacro %}

{#-
    Field `result` of the first struct in a list whose field `key` equals `value`; null if
    none.
-#}
{% macro list_lookup(column, key, value, result) -%}
    {{ return(adapter.dispatch('list_lookup')(column, key, value, result)) }}
{%- endmacro %}

{% macro duckdb__list_lookup(column, key, value, result) -%}
    (list_filter({{ column }}, lambda e: e.{{ key }} = {{ value }})[1]).{{ result }}
{%- endmacro %}

{#- A JSON member as text, with JSON's own null as null. -#}
{% macro null_if_json_null(column) -%}
    nullif(cast({{ column }} as varchar), 'null')
{%- endmacro %}

{#- Comma-separated text as a list of trimmed, non-empty texts; an empty list for null. -#}
{% macro text_list(column) -%}
    {{ return(adapter.dispatch('text_list')(column)) }}
{%- endmacro %}

{% macro duckdb__text_list(column) -%}
    list_filter(
        list_transform(string_split(coalesce({{ column }}, ''), ','), lambda e: trim(e)),
        lambda e: e != ''
    )
{%- endmacro %}
