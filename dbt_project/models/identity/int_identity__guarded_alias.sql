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

anchored_records as (
    select
        usable.record_id,
        anchors.*
    from usable
    inner join {{ ref('int_identity__call_anchor') }} as anchors
        on usable.namespace = anchors.namespace and usable.alias_value = anchors.alias_value
),

-- The anchors that records with a value name beside it.
ties as (
    select distinct
        usable.namespace,
        usable.alias_value,
        usable.instance_number,
        beside.namespace as anchor_namespace,
        beside.alias_value as anchor_value,
        beside.anchor_rule,
        beside.anchored_from,
        beside.anchored_to
    from usable
    inner join anchored_records as beside on usable.record_id = beside.record_id
    where usable.namespace != beside.namespace
),

tie_gaps as (
    select
        *,
        coalesce(
            anchored_from > max(anchored_to) over (
                partition by namespace, alias_value, instance_number, anchor_namespace
                order by anchored_from, anchor_value
                rows between unbounded preceding and 1 preceding
            ),
            false
        ) as is_apart
    from ties
),

tie_counts as (
    select
        namespace,
        alias_value,
        instance_number,
        count(*) as anchor_count,
        count(*) > 1 and anchor_rule = 'single' as has_several_single,
        bool_or(is_apart) and anchor_rule = 'whole_call' as has_apart
    from tie_gaps
    group by namespace, alias_value, instance_number, anchor_namespace, anchor_rule
),

tie_verdicts as (
    select
        namespace,
        alias_value,
        instance_number,
        max(anchor_count) as anchor_count,
        bool_or(has_several_single) as has_several_single,
        bool_or(has_apart) as has_apart
    from tie_counts
    group by namespace, alias_value, instance_number
),

values_seen as (
    select
        namespace,
        alias_value,
        instance_number,
        max(unusable_reason) as unusable_reason,
        count(*) as statement_count,
        min(started_at) as first_seen_at,
        max(started_at) as last_seen_at
    from observations
    group by namespace, alias_value, instance_number
),

guarded as (
    select
        seen.namespace,
        seen.alias_value,
        seen.instance_number,
        case
            when seen.unusable_reason is not null then seen.unusable_reason
            when
                namespaces.kind = 'identifying'
                and seen.last_seen_at
                > seen.first_seen_at + {{ hours('namespaces.max_span_hours') }}
                then 'span_over_maximum'
            when verdicts.has_several_single then 'several_minted_ids'
            when verdicts.has_apart then 'calls_apart_in_time'
            when verdicts.anchor_count > namespaces.max_anchor_values then 'too_many_anchors'
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
            and seen.instance_number = verdicts.instance_number
)

select * from guarded
