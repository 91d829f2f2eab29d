{#-
    A materialization for models that are the edges of a graph: their SQL yields (node_a, node_b),
    both integers, and the table that comes of it is (node, component), where component is the
    smallest node that node can reach. Nodes without an edge are not in it.

    Contraction, after the measurements that chose it (contraction in plain SQL beat label
    propagation ten times, and does not slow down on chains): in each round
      1. one window over both directions of every edge, the neighbours of a node in order, says all
         that is asked of the edges, which are not read again. A node with a smaller neighbour
         points to one; of its smaller neighbours each is tied to the next one, so that
         the node itself is no longer needed to keep them together. A node with none waits;
      2. the pointers of nodes that others may point to are followed until they stop moving, twice
         as far with every jump, and only the ones that still move;
      3. the ties between smaller neighbours, their ends replaced by their roots, are the edges of
         the next round; loops go, and doubles are passed over by the next window;
    and again on what is left, which shrinks by an order of magnitude a round: 3 to 8 rounds do; 64
    is far beyond what any graph needs. Then the way back: the answer of the last round tells where
    the roots of the one before it went, and so on up to the nodes of the model.

    Every step is a plain statement: recursion would not be unit-testable and is slow or missing on
    some engines.
-#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = make_intermediate_relation(target_relation) -%}
    {%- set backup = make_backup_relation(target_relation, 'table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set rounds = components_rounds(sql) -%}
    {%- set moved = components_way_back(rounds) -%}

    {% do adapter.drop_relation(built) %}
    {% do adapter.drop_relation(backup) %}
    {% call statement('main') -%}
        {{ create_table_as(False, built, components_found_sql(rounds[0].ends, moved, 'bigint')) }}
    {%- endcall %}
    {% do components_drop([rounds[0].ends, moved]) %}
    {%- if existing is not none -%}
        {% do adapter.rename_relation(existing, backup) %}
    {%- endif -%}
    {% do adapter.rename_relation(built, target_relation) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {% do adapter.drop_relation(backup) %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
