{#-
    The rows of a redacted stream that this run must stage: all of them in a full refresh, else every
    version of the records whose objects are new or gone, wherever those versions lie.
-#}
{% macro landed(provider, stream) -%}
    {%- do after('scope_file') -%}
    {%- do after('scope_record_key') -%}
    {%- if not is_partial() -%}
        {{ return(source(provider, stream)) }}
    {%- endif -%}
    {%- set files = files_of(
        "select distinct file from " ~ ref('scope_file')
        ~ " where provider = '" ~ provider ~ "' and stream = '" ~ stream ~ "'"
    ) -%}
    (
        select * from {{ source_files(provider, stream, files) }}
        where record_key in (
            select record_key from {{ ref('scope_record_key') }}
            where provider = '{{ provider }}' and stream = '{{ stream }}'
        )
    )
{%- endmacro %}

{#- Rows of the stream's new objects alone. -#}
{% macro landed_anew(provider, stream) -%}
    {%- do after('stg_landing__object') -%}
    {%- if not is_partial() -%}
        {{ return(source(provider, stream)) }}
    {%- endif -%}
    {{ return(source_files(provider, stream, files_of(
        "select " ~ object_file() ~ " as file from " ~ ref('stg_landing__object')
        ~ " where provider = '" ~ provider ~ "' and stream = '" ~ stream ~ "'"
    ))) }}
{%- endmacro %}

{#- The sidecars (`objects`) or reject notes (`rejects`) that no finished run has read. -#}
{% macro landed_notes(table) -%}
    {%- do after('scope_object') -%}
    {%- if not is_partial() -%}
        {{ return(source('landing', table)) }}
    {%- endif -%}
    {{ return(source_files('landing', table, files_of(
        "select file from " ~ ref('scope_object') ~ " where kind = '" ~ table ~ "' and is_new"
    ))) }}
{%- endmacro %}

{% macro files_of(query) -%}
    {{ return(run_query(query ~ ' order by file').columns[0].values() | list) }}
{%- endmacro %}

{#- A source read from the given files instead of from its glob; without files, from its empty one. -#}
{% macro source_files(provider, table, files) -%}
    {%- set folder = redacted_folder() -%}
    {%- set ends = {
        'landing.objects': ('_objects/**/*.json', '_objects/_empty.json'),
        'landing.rejects': ('_rejects/**/*.json', '_rejects/_empty.json')
    } -%}
    {%- set glob, empty = ends.get(provider ~ '.' ~ table, (
        provider ~ '/' ~ table ~ '/*/*.parquet', provider ~ '/' ~ table ~ '/dt=0001-01-01/_empty.parquet'
    )) -%}
    {%- set quoted = [] -%}
    {%- for file in files or [folder ~ '/' ~ empty] -%}
        {%- do quoted.append("'" ~ (file | replace("'", "''")) ~ "'") -%}
    {%- endfor -%}
    {{ return((source(provider, table) | string) | replace(
        "'" ~ (folder | replace("'", "''")) ~ '/' ~ glob ~ "'", '[' ~ quoted | join(', ') ~ ']'
    )) }}
{%- endmacro %}

{#- Where the redacted twin of a landing object lies. -#}
{% macro object_file() -%}
    '{{ redacted_folder() | replace("'", "''") }}/' || replace(landing_object, '.jsonl.zst', '') || '.parquet'
{%- endmacro %}

{% macro redacted_folder() -%}
    {{ return(env_var('CALLSTORY_REDACTED_DIR', 'redacted')) }}
{%- endmacro %}

{#- A file's path within the redacted zone, which may lie elsewhere tomorrow. -#}
{% macro path_in_zone(column) -%}
    substr({{ column }}, length('{{ redacted_folder() | replace("'", "''") }}') + 2)
{%- endmacro %}
