{#-
    A materialization for tables that outlive a run. A full refresh makes the whole table. A partial
    run makes the rows of its calls in the database `work` and then, in one transaction, deletes what
    these calls had and inserts what they have. `stored_by` says what is theirs:
      record            column record_id: the run's records
      call              column canonical_call_id: the calls before and after
      call_and_links    the same, and the calls whose heuristic links are no longer the same
      match_day         column match_day: the days of int_matching__touched_day
      staged            column record_key: the records of scope_record_key
      new               rows of (old_call_id, record_id) that are not there yet are added
      all               the table is small and made whole each time, from whole() inputs
      scope             scope_record applies it, together with what else the scope depends on
      landing_object    the landing objects of the new rows, and those that are gone
      note_file         the same for the notes of rejects
    A killed run leaves scope_pending behind, so the next one does all of it again.
-#}
{% materialization stored, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set stored_by = config.require('stored_by') -%}
    {%- if is_partial() -%}
        {%- set work = in_work(target_relation) -%}
        {% call statement('main') -%}create or replace table {{ work }} as {{ sql }}{%- endcall %}
        {{ adapter.commit() }}
        {%- if stored_by != 'scope' -%}
            {% do apply_stored(work, target_relation, stored_by) %}
        {%- endif -%}
    {%- else -%}
        {%- set built = make_intermediate_relation(target_relation) -%}
        {% do adapter.drop_relation(built) %}
        {% call statement('main') -%}{{ create_table_as(False, built, sql) }}{%- endcall %}
        {%- set existing = load_cached_relation(this) -%}
        {%- if existing is not none -%}
            {% do adapter.drop_relation(existing) %}
        {%- endif -%}
        {% do adapter.rename_relation(built, target_relation) %}
        {% do persist_docs(target_relation, model) %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A model's configuration as a stored table of the warehouse; see the materialization for `key`. -#}
{% macro stored_by(key) -%}
    {{ return(config(materialized='stored', database=target.database, stored_by=key)) }}
{%- endmacro %}

{% macro apply_stored(work, stored, stored_by) -%}
    {%- if stored.identifier == 'int_identity__call' -%}
        {% do demand_own_ids(work, stored) %}
    {%- endif -%}
    {%- if stored_by == 'match_day' -%}
        {% do note_changed_links(work, stored) %}
    {%- endif -%}
    {%- set gone -%}
        {%- if stored_by == 'record' -%}
            where record_id in (select record_id from {{ stored_table('meta', 'scope_pending') }})
        {%- elif stored_by in ('call', 'call_and_links') -%}
            where canonical_call_id in (
                select canonical_call_id from {{ stored_table('meta', 'scope_pending') }}
                union all
                select canonical_call_id from work.identity.int_identity__call
                {%- if stored_by == 'call_and_links' %}
                union all
                select canonical_call_id from {{ stored_table('meta', 'link_pending') }}
                {%- endif %}
            )
        {%- elif stored_by == 'match_day' -%}
            where match_day in (select match_day from {{ ref('int_matching__touched_day') }})
        {%- elif stored_by == 'staged' -%}
            where record_key in (
                select record_key from {{ ref('scope_record_key') }}
                where model_name = '{{ stored.identifier }}'
            )
        {%- elif stored_by == 'landing_object' -%}
            where landing_object in (select landing_object from {{ work }})
            or landing_object not in (
                select landing_object from {{ stored_table('staging', 'stg_landing__object') }}
            )
        {%- elif stored_by == 'note_file' -%}
            where note_file in (
                select note_file from {{ work }}
                union all
                select file_name from {{ ref('scope_object') }} where is_gone
            )
        {%- endif -%}
    {%- endset -%}
    {%- if stored_by != 'new' -%}
        {% do run_statement('delete from ' ~ stored ~ ' ' ~ gone) %}
    {%- endif -%}
    {% do run_statement('insert into ' ~ stored ~ ' by name select * from ' ~ work
        ~ (unseen_condition(stored) if stored_by == 'new' else '')) %}
    {{ adapter.commit() }}
{%- endmacro %}

{#-
    Calls outside of the run whose heuristic links it changes, and those linked to a call of the run:
    what they show of each other is made anew. A killed run leaves them for the next one.
-#}
{% macro note_changed_links(work, stored) -%}
    {%- set days -%}
        where match_day in (select match_day from {{ ref('int_matching__touched_day') }})
    {%- endset -%}
    {%- set before = 'select * from ' ~ stored ~ ' ' ~ days -%}
    {%- set after = 'select * from ' ~ work -%}
    {% do run_statement(
        'insert into meta.link_pending select distinct canonical_call_id from ('
        ~ ' select unnest([left_call_id, right_call_id]) as canonical_call_id from ('
        ~ '(' ~ before ~ ' except ' ~ after ~ ') union all (' ~ after ~ ' except ' ~ before ~ '))'
        ~ ' union all select unnest([left_call_id, right_call_id]) from ' ~ work
        ~ ' where left_call_id in (select canonical_call_id from work.identity.int_identity__call)'
        ~ ' or right_call_id in (select canonical_call_id from work.identity.int_identity__call)'
        ~ ') as changed where canonical_call_id is not null'
    ) %}
{%- endmacro %}

{#-
    No call of the run may have the ID of a call outside of it, whose rows would be deleted for it.
    The scope sees to that; if it did not, nothing is written.
-#}
{% macro demand_own_ids(work, stored) -%}
    {%- set taken = run_query(
        'select made.canonical_call_id from ' ~ work ~ ' as made inner join ' ~ stored ~ ' as kept'
        ~ ' on made.canonical_call_id = kept.canonical_call_id where made.canonical_call_id not in ('
        ~ 'select canonical_call_id from meta.scope_pending where canonical_call_id is not null)'
    ).columns[0].values() -%}
    {%- if taken | length > 0 -%}
        {{ exceptions.raise_compiler_error(
            taken | length ~ ' calls of this run have the ID of a call that it does not touch, '
            ~ 'the first ' ~ taken[0] ~ ': build everything anew (--full-refresh)'
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro unseen_condition(stored) -%}
    {{ return(' as made where not exists (select 1 from ' ~ stored ~ ' as kept'
        ~ ' where kept.old_call_id = made.old_call_id and kept.record_id = made.record_id)') }}
{%- endmacro %}
