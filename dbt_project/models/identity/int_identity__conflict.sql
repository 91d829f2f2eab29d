-- One row per alias that joins nothing, or call with several minted IDs, and call that it concerns.
with

withheld as (
    select
        aliases.namespace,
        case
            -- It may be any text, of any length.
            when aliases.withheld_reason = 'malformed'
                then 'sha256:' || substr({{ sha256_hex('aliases.alias_value') }}, 1, 16)
            else aliases.alias_value
        end as alias_value,
        aliases.instance_number,
        aliases.withheld_reason as reason,
        aliases.anchor_count,
        records.canonical_call_id,
        observations.record_id
    from {{ ref('int_identity__guarded_alias') }} as aliases
    inner join {{ ref('int_identity__alias_observation') }} as observations
        on
            aliases.namespace = observations.namespace
            and aliases.alias_value = observations.alias_value
            and aliases.instance_number = observations.instance_number
    left join {{ ref('int_identity__record_call') }} as records
        on observations.record_id = records.record_id
    where
        aliases.withheld_reason is not null
        and not observations.is_associating_record
),

several_minted as (
    select
        'canonical_call_id' as namespace,
        minted.minted_call_id as alias_value,
        1 as instance_number,
        case when minted.is_taken then 'minted_id_taken' else 'several_minted_ids_in_call' end
            as reason,
        cast(2 as bigint) as anchor_count,
        calls.canonical_call_id,
        calls.first_landed_record_id as record_id
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
    namespace,
    alias_value,
    instance_number,
    reason,
    count(distinct record_id) as record_count,
    anchor_count,
    canonical_call_id,
    {{ first_values('record_id', 5) }} as example_records
from conflicts
group by
    namespace,
    alias_value,
    instance_number,
    reason,
    anchor_count,
    canonical_call_id
