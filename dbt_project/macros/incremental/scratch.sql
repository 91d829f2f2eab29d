{#-
    Materializations for what is of one run alone: a table, or a view, in the database `work`, made
    anew in one statement. dbt's own keep the old relation until the new one is there, by three
    renames and a look into its cache; nobody reads these between runs.
-#}
{% materialization scratch_table, default %}
    {{ return(scratch('table', sql)) }}
{% endmaterialization %}

{% materialization scratch_view, default %}
    {{ return(scratch('view', sql)) }}
{% endmaterialization %}

{% macro scratch(kind, sql) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {% call statement('main') -%}
        create or replace {{ kind }} {{ relation }} as {{ sql }}
    {%- endcall %}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

{#- Run a statement whose result nobody reads. -#}
{% macro run_statement(text) -%}
    {%- call statement('unread') -%}{{ text }}{%- endcall -%}
{%- endmacro %}
