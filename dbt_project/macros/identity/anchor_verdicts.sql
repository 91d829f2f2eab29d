{#-
    CTEs ending in `tie_verdicts`: what speaks against each alias instance of `relation`, whose
    rows are usable statements of records, in view of the anchors that these records name beside
    it. One row per instance that has an anchor.

    A session (anchor of rule counted or timed) is apart if it begins after everything before it
    has ended, unless it is the first one: a room of an hour later is bridged by the phone call
    that lasted all the while. A minute is allowed for clocks and for reports that state only
    when they were written.
-#}
{% macro anchor_verdicts(relation) -%}
{%- set value = 'namespace, alias_value, instance' -%}
{%- set before = 'order by anchored_from, anchor_namespace, anchor_value'
    ~ ' rows between unbounded preceding and 1 preceding' -%}
anchored_records as (
    select
        usable.record_id,
        anchors.namespace as stated_namespace,
        coalesce(anchors.anchor_namespace, anchors.namespace) as anchor_namespace,
        coalesce(anchors.anchor_value, anchors.alias_value) as anchor_value,
        anchors.anchor_rule,
        anchors.anchored_from,
        anchors.anchored_to
    from {{ relation }} as usable
    inner join {{ ref('int_identity__call_anchor') }} as anchors
        on usable.namespace = anchors.namespace and usable.alias_value = anchors.alias_value
),

ties as (
    select distinct
        usable.namespace,
        usable.alias_value,
        usable.instance,
        beside.anchor_namespace,
        beside.anchor_value,
        beside.anchor_rule,
        beside.anchored_from,
        beside.anchored_to
    from {{ relation }} as usable
    inner join anchored_records as beside on usable.record_id = beside.record_id
    where usable.namespace not in (beside.stated_namespace, beside.anchor_namespace)
),

tied_sessions as (
    select
        *,
        anchor_rule in ('counted', 'timed') as is_session
    from ties
),

tie_gaps as (
    select
        *,
        coalesce(
            anchor_rule = 'whole_call'
            and anchored_from > max(anchored_to) over (
                partition by {{ value }}, anchor_namespace {{ before }}
            ),
            false
        ) as is_apart,
        coalesce(
            is_session
            and bool_or(is_session) over (partition by {{ value }} {{ before }})
            and anchored_from > {{ add_ms(
                'max(case when anchor_rule != ' ~ "'single'" ~ ' then anchored_to end) over ('
                ~ 'partition by ' ~ value ~ ' ' ~ before ~ ')', 60000
            ) }},
            false
        ) as is_session_apart
    from tied_sessions
),

tie_counts as (
    select
        {{ value }},
        anchor_rule,
        count(*) as anchor_count,
        bool_or(is_apart) as has_apart,
        bool_or(is_session_apart) as has_sessions_apart
    from tie_gaps
    group by {{ value }}, anchor_namespace, anchor_rule
),

tie_verdicts as (
    select
        {{ value }},
        max(anchor_count) as anchor_count,
        max(case when anchor_rule != 'timed' then anchor_count end) as counted_anchors,
        max(case when anchor_rule = 'whole_call' then anchor_count end) as whole_call_count,
        bool_or(anchor_rule = 'single' and anchor_count > 1) as has_several_single,
        bool_or(has_apart) as has_apart,
        bool_or(has_sessions_apart) as has_sessions_apart
    from tie_counts
    group by {{ value }}
)
{%- endmacro %}
