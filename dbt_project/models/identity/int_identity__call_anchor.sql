-- One row per identifier that stands for a whole call, and the time that its own records cover.
select
    observations.namespace,
    observations.alias_value,
    namespaces.anchor_rule,
    min(observations.started_at) as anchored_from,
    max(observations.ended_at) as anchored_to
from {{ ref('int_identity__alias_observation') }} as observations
inner join {{ ref('alias_namespace') }} as namespaces
    on observations.namespace = namespaces.namespace
where
    namespaces.anchor_role is not null
    and observations.unusable_reason is null
    and not observations.is_associating_record
group by observations.namespace, observations.alias_value, namespaces.anchor_rule
having bool_or(namespaces.anchor_role in ('any', observations.role))
