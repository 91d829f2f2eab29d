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

-- Anchors: values that stand for a whole call, and the time that their own records cover.
anchors as (
    select
        usable.namespace,
        usable.alias_value,
        min(usable.started_at) as anchored_from,
        max(usable.ended_at) as anchored_to
    from usable
    inner join {{ ref('alias_namespace') }} as namespaces
        on usable.namespace = namespaces.namespace
    where namespaces.anchor_role is not null
    group by usable.namespace, usable.alias_value
    having bool_or(namespaces.anchor_role in ('any', usable.role))
),

-- The anchors that records with a value name beside it.
ties as (
    select distinct
        usable.namespace,
        usable.alias_value,
        usable.instance_number,
        anchors.namespace as anchor_namespace,
        anchors.alias_value as anchor_value,
        anchors.anchored_from,
        anchors.anchored_to
    from usable
    inner join usable as beside on usable.record_id = beside.record_id
    inner join anchors
        on beside.namespace = anchors.namespace and beside.alias_value = anchors.alias_value
    where usable.namespace != anchors.namespace
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
        anchor_namespace,
        count(*) as anchor_count,
        bool_or(is_apart) as has_apart_anchors
    from tie_gaps
    group by namespace, alias_value, instance_number, anchor_namespace
),

tie_verdicts as (
    select
        counts.namespace,
        counts.alias_value,
        counts.instance_number,
        max(counts.anchor_count) as anchor_count,
        bool_or(anchor.anchor_rule = 'single' and counts.anchor_count > 1) as has_several_single,
        bool_or(anchor.anchor_rule = 'whole_call' and counts.has_apart_anchors) as has_apart,
        bool_or(counts.anchor_count > own.max_anchor_values) as has_too_many
    from tie_counts as counts
    inner join {{ ref('alias_namespace') }} as anchor
        on counts.anchor_namespace = anchor.namespace
    inner join {{ ref('alias_namespace') }} as own on counts.namespace = own.namespace
    group by counts.namespace, counts.alias_value, counts.instance_number
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
                and seen.last_seen_at > seen.first_seen_at + {{ hours('namespaces.max_span_hours') }}
                then 'span_over_maximum'
            when verdicts.has_several_single then 'several_minted_ids'
            when verdicts.has_apart then 'calls_apart_in_time'
            when verdicts.has_too_many then 'too_many_anchors'
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
