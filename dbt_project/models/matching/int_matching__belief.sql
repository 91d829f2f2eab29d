-- One row per candidate: how likely it is, given that each side belongs to one other at most.
--
-- Belief propagation on the one-to-one matching: what speaks for a pair is weighed against all
-- other pairs of either side, and those against theirs, as many steps as there are rounds. Sums are
-- of whole numbers, so that the order of the rows cannot move the last digit.
{% set rounds = 4 %}
{% set own = 'pair, left_number, right_number, odds' %}
with

round_0 as (
    select
        {{ own }},
        cast(1 as double) as left_free,
        cast(1 as double) as right_free
    from {{ ref('int_matching__scored') }}
),

{% for round in range(1, rounds + 1) %}
left_{{ round }} as (
    select
        {{ own }},
        right_free,
        1 / (1 + (
            sum(cast(round(odds * right_free * 1e8) as bigint))
                over (partition by left_number)
            - cast(round(odds * right_free * 1e8) as bigint)
        ) / 1e8) as left_free
    from round_{{ round - 1 }}
),

round_{{ round }} as (
    select
        {{ own }},
        left_free,
        1 / (1 + (
            sum(cast(round(odds * left_free * 1e8) as bigint))
                over (partition by right_number)
            - cast(round(odds * left_free * 1e8) as bigint)
        ) / 1e8) as right_free
    from left_{{ round }}
),
{% endfor %}

believed as (
    select
        pair,
        left_number,
        right_number,
        odds * left_free * right_free / (1 + odds * left_free * right_free) as raw_confidence
    from round_{{ rounds }}
),

logits as (
    select
        *,
        least(greatest(raw_confidence, 1e-6), 1 - 1e-9) as bounded
    from believed
)

-- What the blindfold test has seen come true of such a belief, where it has seen enough.
select
    logits.pair,
    logits.left_number,
    logits.right_number,
    logits.raw_confidence,
    round(coalesce(
        least(1 / (1 + exp(
            -(scale.intercept + scale.slope * ln(logits.bounded / (1 - logits.bounded)))
        )), 0.999999),
        logits.raw_confidence
    ), 6) as confidence
from logits
left join {{ calibrated('confidence') }} as scale on logits.pair = scale.pair
