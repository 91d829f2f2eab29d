{#- What operators accepted, from the published zone; nothing where there is none. -#}
{% macro accepted_exceptions() -%}
    {%- set folder = env_var('CALLSTORY_ACCEPTED_DIR', '') -%}
    {%- set columns = {
        'exception_id': 'VARCHAR', 'day': 'DATE', 'route': 'VARCHAR', 'alias': 'VARCHAR',
        'missing': 'BIGINT', 'calls': 'BIGINT', 'reason': 'VARCHAR', 'accepted_by': 'VARCHAR',
        'accepted_at': 'TIMESTAMP', 'build_id': 'VARCHAR', 'limits_version': 'VARCHAR'
    } -%}
    {%- if folder -%}
        {{ return(json_lines(folder ~ '/*.json', columns)) }}
    {%- endif -%}
    {%- set nothing = [] -%}
    {%- for name, type in columns.items() -%}
        {%- do nothing.append('cast(null as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{ return('(select ' ~ nothing | join(', ') ~ ' where 1 = 0) as nothing') }}
{%- endmacro %}
