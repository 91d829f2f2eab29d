-- One row per record and call that it belongs to. A ticket may belong to several calls, every other
-- record to one.
{{ stored_by('record') }}
with

joined as (
    select
        records.record_id,
        calls.canonical_call_id,
        false as is_associating_record
    from {{ ref('int_identity__record_component') }} as records
    inner join {{ ref('int_identity__call') }} as calls on records.component = calls.component
),

-- A CRM names calls by whatever identifier its users had: any alias of any system that is not
-- withheld, or a canonical ID.
call_names as (
    select
        lower(nodes.alias_value) as reference,
        calls.canonical_call_id
    from {{ ref('int_identity__alias_node') }} as nodes
    left join {{ ref('int_identity__alias_component') }} as components
        on nodes.node = components.node
    inner join {{ ref('int_identity__call') }} as calls
        on coalesce(components.component, nodes.node) = calls.component
    inner join {{ ref('alias_namespace') }} as namespaces
        on nodes.namespace = namespaces.namespace
    where
        namespaces.kind = 'identifying'
        and (
            nodes.namespace != 'canonical_call_id'
            or nodes.alias_value not in (
                select minted_call_id from {{ ref('int_identity__minted_call_id') }} where is_taken
            )
        )
    union
    select
        lower(canonical_call_id) as reference,
        canonical_call_id
    from {{ ref('int_identity__call') }}
),

associated as (
    select distinct
        observations.record_id,
        call_names.canonical_call_id,
        true as is_associating_record
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join call_names on lower(observations.alias_value) = call_names.reference
    where
        observations.is_associating_record
        and observations.namespace = 'call_reference'
        and observations.unusable_reason is null
),

resolved as (
    select * from joined
    union all
    select * from associated
)

select
    record_id,
    canonical_call_id,
    split_part(record_id, '.', 1) as provider,
    split_part(split_part(record_id, ':', 1), '.', 2) as stream,
    is_associating_record
from resolved
