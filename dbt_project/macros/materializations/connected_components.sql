{#-
    A materialization for models that are the edges of a graph: their SQL yields (node_a, node_b),
    both integers, and the table that comes of it is (node, component), where component is the
    smallest node that node can reach. Nodes without an edge are not in it.

    Contraction, after the measurements that chose it (contraction in plain SQL beat label
    propagation ten times, and does not slow down on chains): in each round
      1. every node points to its smallest neighbour, itself included;
      2. pointers are followed until they stop moving, twice as far with every jump;
      3. every edge is replaced by the edge between its ends' roots; loops and duplicates go;
    and again on what is left. The edges shrink by an order of magnitude a round, so 4 to 8 rounds
    do; 64 is far beyond what any graph needs. Every step is a plain statement: recursion would not
    be unit-testable and is slow or missing on some engines.
-#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = make_intermediate_relation(target_relation) -%}
    {%- set backup = make_backup_relation(target_relation, 'table') -%}
    {%- set work = namespace(tables=[]) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set edges = components_table('edges_0', components_edge_sql(sql), work) -%}
    {%- set rounds = namespace(edges=edges, roots=[], done=components_is_empty(edges)) -%}
    {%- for round in range(1, 65) if not rounds.done -%}
        {%- set roots = components_roots(rounds.edges, round, work) -%}
        {%- do rounds.roots.append(roots) -%}
        {%- set rounds.edges = components_contracted(rounds.edges, roots, round, work) -%}
        {%- set rounds.done = components_is_empty(rounds.edges) -%}
    {%- endfor -%}
    {%- if not rounds.done -%}
        {{ exceptions.raise_compiler_error(
            'connected components of ' ~ this ~ ' did not settle in 64 rounds'
        ) }}
    {%- endif -%}

    {% do adapter.drop_relation(built) %}
    {% do adapter.drop_relation(backup) %}
    {% call statement('main') -%}
        {{ create_table_as(False, built, components_final_sql(edges, rounds.roots)) }}
    {%- endcall %}
    {%- if existing is not none -%}
        {% do adapter.rename_relation(existing, backup) %}
    {%- endif -%}
    {% do adapter.rename_relation(built, target_relation) %}

    {% for relation in work.tables %}{% do adapter.drop_relation(relation) %}{% endfor %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {% do adapter.drop_relation(backup) %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#-
    A working table beside the model, remembered in `work.tables` so that it is dropped at the
    end.
-#}
{% macro components_table(suffix, select_sql, work) -%}
    {%- set relation = this.incorporate(
        path={'identifier': this.identifier ~ '__' ~ suffix}, type='table'
    ) -%}
    {% do adapter.drop_relation(relation) %}
    {% call statement('components_' ~ suffix) -%}
        {{ create_table_as(False, relation, select_sql) }}
    {%- endcall %}
    {% do work.tables.append(relation) %}
    {{ return(relation) }}
{%- endmacro %}

{% macro components_is_empty(relation) -%}
    {%- set found = run_query(
        'select count(*) from (select 1 from ' ~ relation ~ ' limit 1) as one'
    ) -%}
    {{ return(found.columns[0].values()[0] == 0) }}
{%- endmacro %}

{% macro components_edge_sql(sql) -%}
    select distinct
        least(node_a, node_b) as node_a,
        greatest(node_a, node_b) as node_b
    from (
        {{ sql }}
    ) as stated
    where node_a != node_b
{%- endmacro %}

{#- Steps 1 and 2 of a round: the table (node, root, has_moved) of the nodes of `edges`. -#}
{% macro components_roots(edges, round, work) -%}
    {%- set jumps = namespace(done=false, pointers=components_table(
        'pointers_' ~ round ~ '_0', components_pointer_sql(edges), work
    )) -%}
    {%- for jump in range(1, 65) if not jumps.done -%}
        {%- set jumps.pointers = components_table(
            'pointers_' ~ round ~ '_' ~ jump, components_jump_sql(jumps.pointers), work
        ) -%}
        {%- set jumps.done = components_is_empty(
            '(select 1 from ' ~ jumps.pointers ~ ' where has_moved) as moving'
        ) -%}
    {%- endfor -%}
    {{ return(jumps.pointers) }}
{%- endmacro %}

{% macro components_pointer_sql(edges) -%}
    select
        node,
        least(node, min(neighbour)) as root
    from (
        select node_a as node, node_b as neighbour from {{ edges }}
        union all
        select node_b as node, node_a as neighbour from {{ edges }}
    ) as ends
    group by node
{%- endmacro %}

{#-
    Each jump doubles the distance that a pointer covers, so chains settle in log2 of their
    length.
-#}
{% macro components_jump_sql(pointers) -%}
    select
        near.node,
        far.root,
        near.root != far.root as has_moved
    from {{ pointers }} as near
    inner join {{ pointers }} as far on near.root = far.node
{%- endmacro %}

{#-
    Step 3 of a round, one end at a time: with both joins and the inequality in one statement,
    DuckDB joined the roots with one another first (46 s for 71,000 edges instead of 0.05 s).
-#}
{% macro components_contracted(edges, roots, round, work) -%}
    {%- set half = components_table('half_' ~ round, components_half_sql(edges, roots), work) -%}
    {{ return(components_table('edges_' ~ round, components_contracted_sql(half, roots), work)) }}
{%- endmacro %}

{% macro components_half_sql(edges, roots) -%}
    select distinct
        roots.root as node_a,
        edges.node_b
    from {{ edges }} as edges
    inner join {{ roots }} as roots on edges.node_a = roots.node
{%- endmacro %}

{% macro components_contracted_sql(half, roots) -%}
    select distinct
        least(half.node_a, roots.root) as node_a,
        greatest(half.node_a, roots.root) as node_b
    from {{ half }} as half
    inner join {{ roots }} as roots on half.node_b = roots.node
    where half.node_a != roots.root
{%- endmacro %}

{#- Every node under the root that its rounds led to; no edge, no rows. -#}
{% macro components_final_sql(edges, roots) -%}
    {%- if not roots -%}
    select node_a as node, node_b as component from {{ edges }} where node_a != node_a
    {%- else -%}
    select
        round_1.node,
        coalesce({% for r in range(roots | length, 0, -1) %}round_{{ r }}.root
        {%- if not loop.last %}, {% endif %}{% endfor %}) as component
    from {{ roots[0] }} as round_1
    {%- for r in range(2, roots | length + 1) %}
    left join {{ roots[r - 1] }} as round_{{ r }} on round_{{ r - 1 }}.root = round_{{ r }}.node
    {%- endfor %}
    {%- endif %}
{%- endmacro %}
