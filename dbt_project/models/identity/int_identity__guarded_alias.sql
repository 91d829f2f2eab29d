-- One row per alias instance that might join records, with the reason if it must not.
with

observations as (
    select *
    from {{ ref('int_identity__alias_observation') }}
    where kind != 'associating' and not is_associating_record
),

usable as (
    select * from observations where unusable_reason is null
),

{{ anchor_verdicts('usable') }},

values_seen as (
    select
        namespace,
        alias_value,
        instance,
        max(unusable_reason) as unusable_reason,
        count(*) as statement_count,
        min(started_at) as first_seen_at,
        max(started_at) as last_seen_at
    from observations
    group by namespace, alias_value, instance
),

guarded as (
    select
        seen.namespace,
        seen.alias_value,
        seen.instance,
        case
            when seen.unusable_reason is not null then seen.unusable_reason
            when
                namespaces.kind = 'identifying'
                and seen.last_seen_at
                > seen.first_seen_at + {{ hours('namespaces.max_span_hours') }}
                then 'span_over_maximum'
            when verdicts.has_several_single then 'several_minted_ids'
            when verdicts.has_apart then 'calls_apart_in_time'
            when
                verdicts.counted_anchors > namespaces.max_anchor_values
                or verdicts.whole_call_count > namespaces.max_whole_calls
                then 'too_many_anchors'
            when namespaces.needs_one_stretch and verdicts.has_sessions_apart
                then 'calls_apart_in_time'
        end as withheld_reason,
        seen.statement_count,
        coalesce(verdicts.anchor_count, 0) as anchor_count,
        seen.first_seen_at,
        seen.last_seen_at
    from values_seen as seen
    inner join {{ ref('alias_namespace') }} as namespaces
        on seen.namespace = namespaces.namespace
    left join tie_verdicts as verdicts
        on
            seen.namespace = verdicts.namespace
            and seen.alias_value = verdicts.alias_value
            and seen.instance = verdicts.instance
)

select * from guarded
