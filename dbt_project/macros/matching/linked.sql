{#- The columns that a model's own yml names, in that order, less some. -#}
{% macro own_columns(less=[]) -%}
    {{ return(model.columns.keys() | reject('in', less) | list) }}
{%- endmacro %}

{#- The switch of heuristic links: CALLSTORY_HEURISTIC_LINKS=off keeps them out of every mart. -#}
{% macro shows_links() -%}
    {{ return(env_var('CALLSTORY_HEURISTIC_LINKS', 'on') != 'off') }}
{%- endmacro %}

{#- In a partial run: calls whose links have changed and which are none of the run's own. -#}
{% macro relinked_calls() -%}
    select canonical_call_id from {{ stored_table('meta', 'link_pending') }}
    where canonical_call_id not in (
        select canonical_call_id from {{ ref('int_identity__call') }}
        union all
        select canonical_call_id from {{ stored_table('meta', 'scope_pending') }}
        where canonical_call_id is not null
    )
{%- endmacro %}
