-- One row per candidate that is not absurd, with what was decided about it and why.
{{ stored_by('match_day') }}
-- after {{ after('int_matching__touched_day') }}
with

ranked as (
    select
        *,
        row_number() over (
            partition by left_number
            order by confidence desc, raw_confidence desc, right_number asc
        ) as left_rank,
        row_number() over (
            partition by right_number
            order by confidence desc, raw_confidence desc, left_number asc
        ) as right_rank
    from {{ ref('int_matching__belief') }}
),

-- The best of the others that either side could have.
rivalled as (
    select
        *,
        greatest(
            coalesce(max(case when left_rank = 2 then confidence end) over (
                partition by left_number
            ), 0),
            coalesce(max(case when right_rank = 2 then confidence end) over (
                partition by right_number
            ), 0)
        ) as runner_up_confidence
    from ranked
),

judged as (
    select
        rivalled.*,
        rivalled.left_rank = 1 and rivalled.right_rank = 1 as is_best,
        rivalled.confidence >= pairs.min_confidence as is_confident,
        rivalled.confidence - rivalled.runner_up_confidence >= pairs.min_margin as has_margin
    from rivalled
    inner join {{ ref('match_pair') }} as pairs on rivalled.pair = pairs.pair
),

settled as (
    select
        *,
        max(case when is_best and is_confident and has_margin then 1 else 0 end)
            over (partition by left_number) = 1
        or max(case when is_best and is_confident and has_margin then 1 else 0 end)
            over (partition by right_number) = 1 as is_settled
    from judged
),

trusted as (
    select pair
    from {{ calibrated('quality') }}
    where
        day is null and traffic is null
        and precision_low >= {{ var('matching_min_precision', 0.98) }}
)

select
    settled.pair,
    scored.left_side_id,
    scored.right_side_id,
    scored.match_day,
    scored.left_call_id,
    scored.right_call_id,
    scored.right_record_id,
    case
        when settled.is_best and settled.is_confident and settled.has_margin
            then case when trusted.pair is null then 'candidate' else 'linked' end
        when settled.is_settled or settled.confidence < 0.05 then 'rejected'
        else 'ambiguous'
    end as status,
    case
        when settled.is_best and settled.is_confident and settled.has_margin
            then case when trusted.pair is null then 'precision_not_proved' end
        when settled.is_settled then 'outscored'
        when settled.is_confident then 'no_margin'
        else 'below_confidence'
    end as reason,
    settled.confidence,
    settled.raw_confidence,
    settled.runner_up_confidence,
    scored.evidence,
    scored.start_difference_ms,
    scored.end_difference_ms,
    scored.duration_ratio,
    scored.caller_match,
    scored.called_match,
    {% for feature in feature_levels() %}
    scored.{{ feature }}_weight,
    {% endfor %}
    scored.left_candidate_count,
    scored.right_candidate_count,
    '{{ calibration_version() }}' as calibration_version
from settled
inner join {{ ref('int_matching__scored') }} as scored
    on
        settled.left_number = scored.left_number
        and settled.right_number = scored.right_number
left join trusted on settled.pair = trusted.pair
{% if is_partial() %}
where scored.match_day in (select match_day from {{ ref('int_matching__touched_day') }})
{% endif %}
