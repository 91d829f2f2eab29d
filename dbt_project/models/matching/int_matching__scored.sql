-- One row per candidate with its weight of evidence and its odds against what else is nearby.
{% set features = feature_levels().keys() | list %}
{% set used = calibrated_features() %}
with

weights as (
    select * from {{ calibrated('weight') }}
),

weighed as (
    select
        {% for column in [
            'pair', 'left_number', 'right_number', 'left_side_id', 'right_side_id', 'left_call_id',
            'right_call_id', 'right_record_id', 'match_day', 'partner_share', 'start_difference_ms',
            'end_difference_ms', 'duration_ratio', 'caller_match', 'called_match'
        ] %}
        candidate.{{ column }},
        {% endfor %}
        {% for feature in features %}
        {{ 'coalesce(w_' ~ feature ~ '.weight, 0)' if feature in used else 'cast(0 as double)' }}
            as {{ feature }}_weight{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_matching__candidate') }} as candidate
    {% for feature in used %}
    left join weights as w_{{ feature }}
        on
            candidate.pair = w_{{ feature }}.pair
            and w_{{ feature }}.feature = '{{ feature }}'
            and candidate.{{ feature }}_level = w_{{ feature }}.level
    {% endfor %}
),

-- Counted apart from what is weighed: a window over all of its columns would need them in memory.
left_crowd as (
    select
        left_number,
        count(*) as left_candidate_count
    from {{ ref('int_matching__candidate') }}
    group by left_number
),

right_crowd as (
    select
        right_number,
        count(*) as right_candidate_count
    from {{ ref('int_matching__candidate') }}
    group by right_number
),

crowded as (
    select
        weighed.*,
        {% for feature in features %}
        {{ '+ ' if not loop.first }}{{ feature }}_weight
        {% endfor %}
            as evidence,
        left_crowd.left_candidate_count,
        right_crowd.right_candidate_count
    from weighed
    inner join left_crowd on weighed.left_number = left_crowd.left_number
    inner join right_crowd on weighed.right_number = right_crowd.right_number
),

-- The odds of this pair against none: the share that has a partner, over how many strangers are
-- to be expected in such a window. The partner itself is not one of them.
judged as (
    select
        *,
        least(exp(least(evidence, 60)) * partner_share / (1 - partner_share) / greatest(
            (left_candidate_count + right_candidate_count) / 2.0 - partner_share, 0.3
        ), 1e9) as odds
    from crowded
)

select * from judged
where odds > 0.0001
