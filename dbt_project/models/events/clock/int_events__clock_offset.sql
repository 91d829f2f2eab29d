-- One row per system and day: how far its clock is ahead of telephony's, if that is known.
-- after {{ after('scope_touched') }}
{% set minimum = var('clock_offset_minimum_pairs', 20) %}
{{ stored_by('scope') }}
with

-- Of the days on which a pair came, changed or went, every pair counts.
pairs as (
    select * from {{ ref('int_events__clock_pair') }}
    {% if is_partial() %}
    union all
    select * from {{ whole('int_events__clock_pair') }}
    where
        pair_id not in (select record_id from {{ ref('scope_touched') }})
        and reference_date in (
            select reference_date from {{ ref('int_events__clock_pair') }}
            union all
            select reference_date from {{ whole('int_events__clock_pair') }}
            where pair_id in (select record_id from {{ ref('scope_touched') }})
        )
    {% endif %}
),

measured as (
    select
        source_system,
        reference_system,
        reference_date,
        pair_kind,
        preference,
        count(*) as pair_count,
        max(resolution_ms) as resolution_ms,
        {{ quantile('offset_ms', 0.5) }} as median_offset_ms,
        {{ quantile('offset_ms', 0.75) }} - {{ quantile('offset_ms', 0.25) }} as spread_ms
    from pairs
    group by source_system, reference_system, reference_date, pair_kind, preference
),

-- The most exact kind of pair that there are enough of speaks for the day.
ranked as (
    select
        *,
        row_number() over (
            partition by source_system, reference_date
            order by
                case when pair_count >= {{ minimum }} then 0 else 1 end,
                preference,
                pair_kind
        ) as kind_rank
    from measured
),

pairwise as (
    select
        *,
        case
            when pair_count >= {{ minimum }} and abs(median_offset_ms) > resolution_ms
                then median_offset_ms
            else 0
        end as used_offset_ms
    from ranked
    where kind_rank = 1
),

-- The trace is measured against the agent, and the agent against telephony.
to_telephony as (
    select
        pairwise.*,
        pairwise.used_offset_ms + coalesce(reference.used_offset_ms, 0) as clock_offset_ms
    from pairwise
    left join pairwise as reference
        on
            pairwise.reference_system = reference.source_system
            and pairwise.reference_date = reference.reference_date
)

select
    source_system,
    reference_system,
    reference_date,
    pair_kind,
    pair_count,
    resolution_ms,
    median_offset_ms,
    spread_ms,
    pair_count >= {{ minimum }} as has_enough_pairs,
    cast(round(clock_offset_ms) as bigint) as clock_offset_ms
from to_telephony
