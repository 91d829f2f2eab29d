{#-
    A materialization for models whose SQL yields the record_ids that a scope starts from; the table
    that comes of it is every record_id they reach over ties (scope_tie, before and after this run's
    changes) and over the calls as they were. In a full refresh it is empty: everything is in scope.
    With `commits`, what the scope rests on is then written (see commit_scope).
-#}
{% materialization closure, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        create or replace table {{ target_relation }} as
        select distinct record_id from ({{ sql }}) as seeds where record_id is not null
        {{ '' if is_partial() else 'and false' }}
    {%- endcall %}
    {%- if is_partial() -%}
        {% do close_over_calls(target_relation) %}
        {{ adapter.commit() }}
        {% do refill_staged(target_relation) %}
        {%- if config.get('commits') -%}
            {{ adapter.commit() }}
            {% do commit_scope(target_relation) %}
        {%- endif -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Rounds of records to ties and calls, and back to records, until no new record is reached. -#}
{% macro close_over_calls(scope) -%}
    {%- set ties -%}
        (select record_id, tie from {{ stored_table('scope', 'scope_tie') }}
        union all
        select record_id, tie from {{ in_work(stored_table('scope', 'scope_tie')) }})
    {%- endset -%}
    {%- set calls = stored_table('identity', 'int_identity__record_call') -%}
    {%- set frontier = scope.incorporate(path={'identifier': scope.identifier ~ '__frontier'}) -%}
    {%- set reached = scope.incorporate(path={'identifier': scope.identifier ~ '__reached'}) -%}
    {% do run_statement('create or replace table ' ~ frontier ~ ' as select record_id from ' ~ scope) %}
    {%- set rounds = namespace(done=false) -%}
    {%- for round in range(1000) if not rounds.done -%}
        {% do run_statement(closure_round_sql(ties, calls, frontier, scope, reached)) %}
        {% do run_statement('insert into ' ~ scope ~ ' select record_id from ' ~ reached) %}
        {% do run_statement('create or replace table ' ~ frontier ~ ' as select record_id from ' ~ reached) %}
        {%- set rounds.done = components_is_empty(frontier) -%}
    {%- endfor -%}
    {% do run_statement('drop table ' ~ frontier) %}
    {% do run_statement('drop table ' ~ reached) %}
{%- endmacro %}

{% macro closure_round_sql(ties, calls, frontier, scope, reached) -%}
    create or replace table {{ reached }} as
    with near_ties as (
        select distinct tie from {{ ties }} as stated
        where record_id in (select record_id from {{ frontier }})
    ),

    near_calls as (
        select distinct canonical_call_id from {{ calls }}
        where record_id in (select record_id from {{ frontier }})
    ),

    near as (
        select record_id from {{ ties }} as stated
        where tie in (select tie from near_ties)
        union all
        select record_id from {{ calls }}
        where canonical_call_id in (select canonical_call_id from near_calls)
    )

    select distinct record_id from near
    where record_id not in (select record_id from {{ scope }})
{%- endmacro %}

{#- The working copies of the staged streams: the records of the scope, of all of them. -#}
{% macro refill_staged(scope) -%}
    {%- for provider, stream, name in staged_streams() -%}
        {%- set stored = stored_table('staging', name) -%}
        {% do run_statement(
            'create or replace table ' ~ in_work(stored) ~ ' as select * from ' ~ stored
            ~ ' where record_id in (select record_id from ' ~ scope ~ ')'
        ) %}
    {%- endfor -%}
{%- endmacro %}

{#-
    The one point from which on a killed run cannot be forgotten. In one transaction: the records of
    the scope with the calls they were in go to meta.scope_pending, where they stay until a run has
    finished; and what later scopes are worked out from takes this run's changes.
-#}
{% macro commit_scope(scope) -%}
    {%- set pending = stored_table('meta', 'scope_pending') -%}
    {%- set record_call = stored_table('identity', 'int_identity__record_call') -%}
    {%- set calls = stored_table('identity', 'int_identity__call') -%}
    {%- set pairs = stored_table('events', 'int_events__clock_pair') -%}
    {%- set offsets = stored_table('events', 'int_events__clock_offset') -%}
    {#- A second attempt keeps what the first found, and adds what the first may have written. -#}
    {% do run_statement(
        'insert into ' ~ pending ~ ' select scope.record_id, was.canonical_call_id, call.call_date,'
        ~ ' scope.record_id not in (select record_id from ' ~ pending ~ ') as is_before'
        ~ ' from ' ~ scope ~ ' as scope left join ' ~ record_call ~ ' as was'
        ~ ' on scope.record_id = was.record_id left join ' ~ calls ~ ' as call'
        ~ ' on was.canonical_call_id = call.canonical_call_id'
    ) %}
    {% do replace_rows(
        'scope', 'scope_tie',
        'record_base in (select record_base from ' ~ ref('scope_record_key') ~ ')'
    ) %}
    {% do replace_rows('staging', 'stg_landing__received', gone_objects_condition()) %}
    {% do replace_rows('staging', 'stg_landing__object', gone_objects_condition()) %}
    {% do replace_rows(
        'events', 'int_events__clock_offset',
        'reference_date in (select reference_date from ' ~ in_work(pairs) ~ ' union all'
        ~ ' select reference_date from ' ~ pairs ~ ' where pair_id in (select record_id from '
        ~ ref('scope_touched') ~ '))'
    ) %}
    {% do replace_rows(
        'events', 'int_events__clock_pair',
        'pair_id in (select record_id from ' ~ ref('scope_touched') ~ ')'
    ) %}
    {{ adapter.commit() }}
{%- endmacro %}

{% macro replace_rows(schema, name, condition) -%}
    {%- set stored = stored_table(schema, name) -%}
    {% do run_statement('delete from ' ~ stored ~ ' where ' ~ condition) %}
    {% do run_statement('insert into ' ~ stored ~ ' by name select * from ' ~ in_work(stored)) %}
{%- endmacro %}

{% macro gone_objects_condition() -%}
    landing_object in (
        select landing_object from {{ in_work(stored_table('staging', 'stg_landing__object')) }}
        union all
        select landing.landing_object
        from {{ stored_table('staging', 'stg_landing__object') }} as landing
        inner join {{ ref('scope_object') }} as files
            on landing.sidecar_file = files.file_name and files.is_gone
    )
{%- endmacro %}
