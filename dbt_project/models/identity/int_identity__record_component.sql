-- One row per record that an alias joins to a call: its component, its place in the landing order.
select
    records.record_id,
    coalesce(components.component, records.record_node) as component,
    records.nodes,
    records.landed_at,
    records.started_at,
    records.ended_at,
    row_number() over (order by records.landed_at, records.record_id) as landing_rank
from {{ ref('int_identity__record_node') }} as records
left join {{ ref('int_identity__alias_component') }} as components
    on records.record_node = components.node
