-- One row per candidate with its weight of evidence and its odds against what else is nearby.
{% set features = feature_levels() %}
with

weights as (
    select * from {{ calibrated('weight') }}
),

weighed as (
    select
        candidate.*,
        {% for feature in features %}
        coalesce(w_{{ feature }}.weight, 0) as {{ feature }}_weight,
        {% endfor %}
        {% for feature in features %}coalesce(w_{{ feature }}.weight, 0)
        {{- ' + ' if not loop.last }}{% endfor %} as evidence
    from {{ ref('int_matching__candidate') }} as candidate
    {% for feature in features %}
    left join weights as w_{{ feature }}
        on
            candidate.pair = w_{{ feature }}.pair
            and w_{{ feature }}.feature = '{{ feature }}'
            and candidate.{{ feature }}_level = w_{{ feature }}.level
    {% endfor %}
),

crowded as (
    select
        *,
        count(*) over (partition by pair, left_side_id) as left_candidate_count,
        count(*) over (partition by pair, right_side_id) as right_candidate_count
    from weighed
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
