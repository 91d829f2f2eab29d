-- One row per identifier that stands for a whole call, and the time that its own records cover.
with

observations as (
    select
        observations.record_id,
        observations.namespace,
        observations.alias_value,
        observations.role,
        observations.started_at,
        observations.ended_at,
        namespaces.anchor_role,
        namespaces.anchor_rule,
        namespaces.anchor_within
    from {{ ref('int_identity__alias_observation') }} as observations
    inner join {{ ref('alias_namespace') }} as namespaces
        on observations.namespace = namespaces.namespace
    where
        namespaces.anchor_role is not null
        and observations.unusable_reason is null
        and not observations.is_associating_record
),

anchors as (
    select
        namespace,
        alias_value,
        anchor_rule,
        min(started_at) as own_from,
        max(ended_at) as own_to
    from observations
    group by namespace, alias_value, anchor_rule
    having bool_or(anchor_role in ('any', role))
),

-- What holds an anchor, where its records agree on it: the room of a job.
holders as (
    select
        inner_ones.namespace,
        inner_ones.alias_value,
        holding.namespace as holder_namespace,
        holding.anchor_rule as holder_rule,
        min(holding.alias_value) as holder_value
    from observations as inner_ones
    inner join observations as holding
        on
            inner_ones.record_id = holding.record_id
            and inner_ones.anchor_within = holding.namespace
    group by inner_ones.namespace, inner_ones.alias_value, holding.namespace, holding.anchor_rule
    having min(holding.alias_value) = max(holding.alias_value)
),

held as (
    select
        anchors.namespace,
        anchors.alias_value,
        coalesce(holders.holder_namespace, anchors.namespace) as anchor_namespace,
        coalesce(holders.holder_value, anchors.alias_value) as anchor_value,
        coalesce(holders.holder_rule, anchors.anchor_rule) as anchor_rule,
        anchors.own_from,
        anchors.own_to
    from anchors
    left join holders
        on anchors.namespace = holders.namespace and anchors.alias_value = holders.alias_value
)

select
    namespace,
    alias_value,
    anchor_namespace,
    anchor_value,
    anchor_rule,
    min(own_from) over (partition by anchor_namespace, anchor_value) as anchored_from,
    max(own_to) over (partition by anchor_namespace, anchor_value) as anchored_to
from held
