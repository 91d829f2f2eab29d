-- One row per call, alias namespace and alias value that names the call.
{{ config(contract={'enforced': true}) }}
with

calls as (
    select * from {{ ref('int_identity__call') }}
),

observed as (
    select
        calls.canonical_call_id,
        calls.call_date,
        observations.namespace,
        observations.alias_value,
        observations.record_id,
        observations.started_at,
        observations.ended_at
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('int_identity__record_call') }} as records
        on observations.record_id = records.record_id
    inner join calls on records.canonical_call_id = calls.canonical_call_id
    left join {{ ref('int_identity__guarded_alias') }} as guarded
        on
            observations.namespace = guarded.namespace
            and observations.alias_value = guarded.alias_value
            and observations.instance_number = guarded.instance_number
            and not observations.is_associating_record
    where
        observations.unusable_reason is null
        and guarded.withheld_reason is null
),

summed as (
    select
        canonical_call_id,
        call_date,
        namespace,
        alias_value,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        count(distinct record_id) as record_count
    from observed
    group by canonical_call_id, call_date, namespace, alias_value
)

select
    summed.canonical_call_id,
    summed.call_date,
    summed.namespace,
    summed.alias_value,
    namespaces.canonical_role,
    namespaces.system as source_system,
    namespaces.kind,
    'explicit' as link_method,
    cast(1.0 as double) as confidence,
    summed.first_seen_at,
    summed.last_seen_at,
    summed.record_count
from summed
inner join {{ ref('alias_namespace') }} as namespaces
    on summed.namespace = namespaces.namespace
