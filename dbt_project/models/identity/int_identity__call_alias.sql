-- One row per call, alias namespace and alias value that a record of the call states.
with

-- Aliases that joined the call's records: withheld ones have no node.
stated as (
    {{ unnested(
        ref('int_identity__record_component'), 'nodes', 'component, started_at, ended_at'
    ) }}
),

node_times as (
    select
        component,
        item as node,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        count(*) as record_count
    from stated
    group by component, item
),

joining as (
    select
        calls.canonical_call_id,
        nodes.namespace,
        nodes.alias_value,
        node_times.first_seen_at,
        node_times.last_seen_at,
        node_times.record_count
    from node_times
    inner join {{ ref('int_identity__alias_node') }} as nodes on node_times.node = nodes.node
    inner join {{ ref('int_identity__call') }} as calls
        on node_times.component = calls.component
),

-- What is only associated with the call: tickets, customers, caller tokens.
associated as (
    select
        records.canonical_call_id,
        observations.namespace,
        observations.alias_value,
        observations.started_at as first_seen_at,
        observations.ended_at as last_seen_at,
        1 as record_count
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__record_call') }} as records
        on observations.record_id = records.record_id
    where observations.kind = 'associating' and observations.unusable_reason is null
),

summed as (
    select
        canonical_call_id,
        namespace,
        alias_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        cast(sum(record_count) as bigint) as record_count
    from (
        select * from joining
        union all
        select * from associated
    ) as named
    group by canonical_call_id, namespace, alias_value
)

select
    summed.canonical_call_id,
    calls.call_date,
    summed.namespace,
    summed.alias_value,
    namespaces.canonical_role,
    namespaces.system as source_system,
    namespaces.kind,
    summed.first_seen_at,
    summed.last_seen_at,
    summed.record_count
from summed
inner join {{ ref('int_identity__call') }} as calls
    on summed.canonical_call_id = calls.canonical_call_id
inner join {{ ref('alias_namespace') }} as namespaces
    on summed.namespace = namespaces.namespace
