-- One row per record with the alias instances that it states, as sorted numbers. Its smallest one
-- stands for the record: the first round of the contraction comes free in a bipartite graph.
with

stated as (
    select
        observations.record_id,
        {{ sorted_list('nodes.node') }} as nodes,
        min(nodes.node) as record_node,
        min(observations.landed_at) as landed_at,
        min(observations.started_at) as started_at,
        max(observations.ended_at) as ended_at
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__alias_node') }} as nodes
        on
            observations.namespace = nodes.namespace
            and observations.alias_value = nodes.alias_value
            and observations.instance = nodes.instance
    where not observations.is_associating_record
    group by observations.record_id
)

select * from stated
