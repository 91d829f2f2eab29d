-- One row per record and alias instance that it states, as numbers. `record_node` is the record's
-- smallest alias: the first round of the contraction comes free in a bipartite graph.
with

stated as (
    select distinct
        observations.record_id,
        nodes.node
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__alias_node') }} as nodes
        on
            observations.namespace = nodes.namespace
            and observations.alias_value = nodes.alias_value
            and observations.instance_number = nodes.instance_number
    where not observations.is_associating_record
),

smallest as (
    select
        record_id,
        min(node) as record_node
    from stated
    group by record_id
)

select
    stated.record_id,
    stated.node,
    smallest.record_node
from stated
inner join smallest on stated.record_id = smallest.record_id
