-- One row per alias instance that shares a record with another one: the component it belongs to.
{{ config(materialized='connected_components') }}
select distinct
    record_node as node_a,
    node as node_b
from {{ ref('int_identity__record_node') }}
where record_node != node
