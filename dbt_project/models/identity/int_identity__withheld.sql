-- One row per record and alias that it states and a guard withheld from the graph.
{{ stored_by('record') }}
with

withheld as (
    select distinct
        observations.record_id,
        aliases.namespace,
        case
            -- It may be any text, of any length.
            when aliases.withheld_reason = 'malformed'
                then 'sha256:' || substr({{ sha256_hex('aliases.alias_value') }}, 1, 16)
            else aliases.alias_value
        end as alias_value,
        aliases.instance,
        aliases.withheld_reason as reason,
        aliases.anchor_count
    from {{ ref('int_identity__guarded_alias') }} as aliases
    inner join {{ ref('int_identity__alias_observation') }} as observations
        on
            aliases.namespace = observations.namespace
            and aliases.alias_value = observations.alias_value
            and aliases.instance = observations.instance
    where
        aliases.withheld_reason is not null
        and not observations.is_associating_record
),

several_minted as (
    select
        calls.first_landed_record_id as record_id,
        'canonical_call_id' as namespace,
        minted.minted_call_id as alias_value,
        0 as instance,
        case when minted.is_taken then 'minted_id_taken' else 'several_minted_ids_in_call' end
            as reason,
        cast(2 as bigint) as anchor_count
    from {{ ref('int_identity__call') }} as calls
    inner join {{ ref('int_identity__minted_call_id') }} as minted
        on calls.component = minted.component
    where minted.is_taken or calls.has_several_minted_ids
),

conflicts as (
    select * from withheld
    union all
    select * from several_minted
)

select
    conflicts.record_id,
    records.canonical_call_id,
    conflicts.namespace,
    conflicts.alias_value,
    cast(conflicts.instance as bigint) as instance,
    conflicts.reason,
    conflicts.anchor_count
from conflicts
left join {{ ref('int_identity__record_call') }} as records
    on conflicts.record_id = records.record_id
