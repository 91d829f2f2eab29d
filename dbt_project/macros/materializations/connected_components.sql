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
