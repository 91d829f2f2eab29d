-- One row per record that an alias joins to a call: its component and the call ID it would give.
with

records as (
    select
        record_id,
        min(landed_at) as landed_at,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        min(provider) as provider,
        min(stream) as stream,
        min(record_key) as record_key,
        -- The record's own identifier, or the best it has; guards do not matter here, so that the ID
        -- stays when an alias turns bad later.
        coalesce(
            {{ min_by(
                "namespace || ':' || alias_value",
                "case when kind = 'identifying' and unusable_reason is null"
                ~ " then alias_rank || '|' || namespace || ':' || alias_value end"
            ) }},
            'record:' || record_id
        ) as first_alias
    from {{ ref('int_identity__alias_observation') }}
    where not is_associating_record
    group by record_id
),

record_nodes as (
    select distinct
        record_id,
        record_node
    from {{ ref('int_identity__record_node') }}
)

select
    records.record_id,
    records.provider,
    records.stream,
    records.record_key,
    records.landed_at,
    records.started_at,
    records.ended_at,
    coalesce(components.component, record_nodes.record_node) as component,
    'call_' || {{ ulid('records.started_at', sha256_hex('records.first_alias')) }}
        as derived_call_id,
    row_number() over (
        order by records.landed_at, records.provider, records.stream, records.record_key
    ) as landing_rank
from record_nodes
inner join records on record_nodes.record_id = records.record_id
left join {{ ref('int_identity__alias_component') }} as components
    on record_nodes.record_node = components.node
