-- One row per call, other side and guess that the two are one call: a link, or why it is none.
{{ config(contract={'enforced': true}, stored_by='call_and_links') }}
-- after {{ after('int_identity__call') }}
with

links as (
    select * from {{ whole('int_matching__link') }}
    where status != 'rejected' {{ '' if shows_links() else 'and false' }}
),

seen as (
    select
        left_call_id as canonical_call_id,
        'left' as own_role,
        left_side_id as own_side_id,
        right_side_id as other_side_id,
        right_call_id as linked_call_id,
        case when right_call_id is null then right_record_id end as linked_record_id,
        links.*
    from links
    union all
    select
        right_call_id as canonical_call_id,
        'right' as own_role,
        right_side_id as own_side_id,
        left_side_id as other_side_id,
        left_call_id as linked_call_id,
        cast(null as varchar) as linked_record_id,
        links.*
    from links
    where right_call_id is not null
)

select
    seen.canonical_call_id,
    calls.call_date,
    seen.pair,
    seen.own_role,
    seen.own_side_id,
    seen.other_side_id,
    seen.linked_call_id,
    seen.linked_record_id,
    seen.status,
    seen.reason,
    'heuristic' as link_method,
    seen.confidence,
    seen.runner_up_confidence,
    seen.evidence,
    cast(seen.start_difference_ms as bigint) as start_difference_ms,
    cast(seen.end_difference_ms as bigint) as end_difference_ms,
    seen.duration_ratio,
    seen.caller_match,
    seen.called_match,
    {% for feature in feature_levels() %}
    seen.{{ feature }}_weight,
    {% endfor %}
    cast(greatest(seen.left_candidate_count, seen.right_candidate_count) as bigint)
        as candidate_count,
    seen.calibration_version
from seen
inner join {{ whole('int_identity__call') }} as calls
    on seen.canonical_call_id = calls.canonical_call_id
{% if is_partial() %}
where
    seen.canonical_call_id in (select canonical_call_id from {{ ref('int_identity__call') }})
    or seen.canonical_call_id in ({{ relinked_calls() }})
{% endif %}
