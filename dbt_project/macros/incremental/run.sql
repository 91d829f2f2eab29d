{#- on-run-start: the places that a run needs, and the end of the last build's stamp. -#}
{% macro begin_run() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- for schema in ['staging', 'scope', 'identity', 'events', 'matching', 'marts'] %}
            {#- A mart that is refreshed alone must not be made of the last run's rows. -#}
            {%- if flags.FULL_REFRESH -%}
                {% do adapter.drop_schema(api.Relation.create(database='work', schema=schema)) %}
            {%- endif -%}
            {% do run_statement('create schema if not exists work.' ~ schema) %}
        {%- endfor %}
        {% do adapter.commit() %}
        {% do run_statement('create schema if not exists meta') %}
        {% do run_statement('drop table if exists meta.build') %}
        {% do run_statement(
            'create table if not exists meta.scope_pending (record_id varchar,'
            ~ ' canonical_call_id varchar, call_date date, is_before boolean)'
        ) %}
        {% do run_statement('create table if not exists meta.link_pending (canonical_call_id varchar)') %}
        {% do run_statement(
            'create table if not exists meta.changed_call'
            ~ ' (sequence bigint, canonical_call_id varchar, call_date date)'
        ) %}
        {% do run_statement(
            'create table if not exists meta.build_log'
            ~ ' (sequence bigint, build_id varchar, is_fresh boolean)'
        ) %}
        {% do run_statement('create table if not exists meta.fresh_run (sequence bigint)') %}
        {%- if flags.FULL_REFRESH or built_object() is none -%}
            {% do remember_calls() %}
        {%- endif -%}
        {% do adapter.commit() %}
    {%- endif -%}
{%- endmacro %}

{#- A full refresh in place knows which calls the records were in, so that IDs of calls that it splits
    lead to every part. -#}
{% macro remember_calls() -%}
    {%- set was = adapter.get_relation(
        database=target.database, schema='identity', identifier='int_identity__record_call'
    ) -%}
    {%- if was is not none -%}
        {% do run_statement(
            'insert into meta.scope_pending select record_id, canonical_call_id, null, true from '
            ~ was ~ ' where not is_associating_record'
        ) %}
    {%- endif -%}
{%- endmacro %}

{#-
    on-run-end: when every node has succeeded, the run is over: its objects count as read, its calls
    as changed, and nothing is pending any more. All in one transaction, or the next run does it again.
    A run of a part of the project, or one that failed, ends nothing.
-#}
{% macro end_run(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run') and is_whole_success(results) -%}
        {%- set pending = 'meta.scope_pending' -%}
        {%- set was_partial = built_object() is not none and not flags.FULL_REFRESH -%}
        {%- if was_partial -%}
            {% do run_statement(
                'insert into meta.changed_call select distinct ' ~ this_sequence()
                ~ ', canonical_call_id, call_date from (select canonical_call_id, call_date from '
                ~ pending ~ ' where canonical_call_id is not null union'
                ~ ' select canonical_call_id, call_date from work.identity.int_identity__call union'
                ~ ' select call.canonical_call_id, call.call_date from meta.link_pending as link'
                ~ ' inner join identity.int_identity__call as call'
                ~ ' on link.canonical_call_id = call.canonical_call_id)'
            ) %}
        {%- endif -%}
        {#- What is gone must not live on in old pages of a file: publication starts a fresh one. -#}
        {% do run_statement(
            'insert into meta.fresh_run select ' ~ this_sequence() ~ (
                ' where exists (select 1 from work.scope.scope_object where is_gone)'
                if was_partial else ''
            )
        ) %}
        {% do run_statement('delete from ' ~ pending) %}
        {% do run_statement('delete from meta.link_pending') %}
        {% do run_statement(
            'create or replace table meta.built_exclusion as select * from seeds.identity_exclusion'
        ) %}
        {% do run_statement(
            'create or replace table meta.built_object as select kind, file_name'
            ~ ' from work.scope.scope_object where not is_gone'
        ) %}
        {% do adapter.commit() %}
    {%- endif -%}
{%- endmacro %}

{% macro is_whole_success(results) -%}
    {%- set done = results | selectattr('node.resource_type', 'equalto', 'model') | list -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped', 'runtime error'])
        | list -%}
    {{ return(done | length == models | length and not failed) }}
{%- endmacro %}

{#- The number of the build that this run makes: one more than the last finished one's. -#}
{% macro this_sequence() -%}
    {%- if not execute -%}{{ return(0) }}{%- endif -%}
    {{ return((run_query(
        'select coalesce(max(sequence), 0) + 1 from ' ~ stored_table('meta', 'build_log')
    ).columns[0].values()[0]) | int) }}
{%- endmacro %}

{#- The exclusions that have come or gone since the last finished run. -#}
{% macro changed_exclusions() -%}
    {%- set columns = 'namespace, alias_value, record_id' -%}
    (select {{ columns }} from {{ ref('identity_exclusion') }}
    except select {{ columns }} from {{ stored_table('meta', 'built_exclusion') }})
    union all
    (select {{ columns }} from {{ stored_table('meta', 'built_exclusion') }}
    except select {{ columns }} from {{ ref('identity_exclusion') }})
{%- endmacro %}

{#-
    What the published zone keeps of the call IDs that were ever published; nothing without one. An ID
    whose call was erased has no record, and says when it was erased.
-#}
{% macro issued_before() -%}
    {%- set folder = env_var('CALLSTORY_CALL_IDS_DIR', '') -%}
    {%- if folder -%}
        {{ return(json_lines(folder ~ '/*.json', {
            'call_id': 'VARCHAR', 'record_id': 'VARCHAR', 'call_date': 'DATE',
            'erased_at': 'VARCHAR', 'basis': 'VARCHAR'
        })) }}
    {%- endif -%}
    {{ return(
        "(select cast(null as varchar) as call_id, cast(null as varchar) as record_id,"
        ~ " cast(null as date) as call_date, cast(null as varchar) as erased_at,"
        ~ " cast(null as varchar) as basis where false)"
    ) }}
{%- endmacro %}
