-- One row per alias instance that shares a record with another one: the component it belongs to.
{{ config(materialized='connected_components') }}
with

statements as (
    select distinct
        record_node,
        nodes
    from {{ ref('int_identity__record_node') }}
),

edges as (
    {{ unnested('statements', 'nodes', 'record_node') }}
)

select
    record_node as node_a,
    item as node_b
from edges
