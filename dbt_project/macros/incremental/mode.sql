{#-
    Whether this run recomputes only the calls that new, changed or gone records touch. Otherwise it
    is a full refresh: the first run, or one with --full-refresh. Decided by what the warehouse
    remembers of its last finished run, so `dbt build` alone does the right thing.
-#}
{% macro is_partial() -%}
    {%- if not execute or flags.FULL_REFRESH or flags.WHICH not in ('build', 'run') -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if '_is_partial' not in model -%}
        {%- do model.update({'_is_partial': built_object() is not none}) -%}
    {%- endif -%}
    {{ return(model['_is_partial']) }}
{%- endmacro %}

{#- The landing objects of the last finished run; none before the first has finished. -#}
{% macro built_object() -%}
    {{ return(adapter.get_relation(database=target.database, schema='meta', identifier='built_object')) }}
{%- endmacro %}

{#-
    In a partial run a stored model is built in the database `work`, for the calls of the run alone,
    and `ref` leads there: the models' SQL is the same in both kinds of run. `whole` leads to all rows.
-#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- if execute and relation.database == target.database and relation.schema != 'seeds'
        and is_partial() -%}
        {{ return(in_work(relation)) }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}

{#- All rows of a stored model, of every call, in a partial run as in a full one. -#}
{% macro whole(name) -%}
    {{ return(builtins.ref(name)) }}
{%- endmacro %}

{#- The copy of a stored model that holds only what this run works on. -#}
{% macro in_work(relation) -%}
    {{ return(api.Relation.create(
        database='work', schema=relation.schema, identifier=relation.identifier, type='table'
    )) }}
{%- endmacro %}

{#- A stored model's own table, for statements that change it. -#}
{% macro stored_table(schema, name) -%}
    {{ return(api.Relation.create(
        database=target.database, schema=schema, identifier=name, type='table'
    )) }}
{%- endmacro %}

{#- `ref` for what may only be read once the run knows all its calls (scope_record). -#}
{% macro staged(name) -%}
    {%- do after('scope_record') -%}
    {{ return(ref(name)) }}
{%- endmacro %}

{#- Makes the model wait for another one, whose rows it need not read. -#}
{% macro after(name) -%}
    {%- if not execute -%}
        {%- do builtins.ref(name) -%}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro %}
