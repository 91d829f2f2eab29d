-- One row per alias instance that may join records, numbered for the graph.
with

nodes as (
    select
        row_number() over (order by namespace, alias_value, instance) as node,
        namespace,
        alias_value,
        instance
    from {{ ref('int_identity__guarded_alias') }}
    where withheld_reason is null
)

select * from nodes
