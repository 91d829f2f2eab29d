-- One row per two waiting sides that may be of one call, with what speaks for and against it.
{{ config(materialized='scratch_view') }}
{% set stated = 'clock_source, account, caller_token, caller_count, called_token, environment,'
    ~ ' direction, region, language, reason' %}
with

days as (
    select * from {{ calibrated('day') }}
    where refused_reason is null
),

-- A day that no calibration has seen goes by the last one before it, or the first after it.
settings as (
    select
        needed.pair,
        needed.side_day,
        coalesce(max(case when days.day <= needed.side_day then days.day end), min(days.day))
            as setting_day
    from (
        select distinct
            pair,
            side_day
        from {{ ref('int_matching__waiting') }}
    ) as needed
    inner join days on needed.pair = days.pair
    group by needed.pair, needed.side_day
),

-- A window of a pair's greatest width touches at most two slots of twice that, so that a join on
-- slots finds all of it.
slots as (
    select
        pair,
        max(window_ms) * 2 as slot_ms
    from days
    group by pair
),

lefts as (
    select
        waiting.*,
        days.window_ms,
        days.partner_share,
        {{ number_list(
            whole_times('slots.slot_ms', 'waiting.aligned_ms - days.window_ms'),
            whole_times('slots.slot_ms', 'waiting.aligned_ms + days.window_ms')
        ) }} as slot_list
    from {{ ref('int_matching__waiting') }} as waiting
    inner join settings
        on waiting.pair = settings.pair and waiting.side_day = settings.side_day
    inner join days on settings.pair = days.pair and settings.setting_day = days.day
    inner join slots on waiting.pair = slots.pair
    where waiting.role = 'left'
),

placed as (
    {{ unnested(
        'lefts', 'slot_list', 'pair, side_number, side_id, canonical_call_id, side_day, window_ms,'
        ~ ' partner_share, block, aligned_ms, aligned_end_ms, ' ~ stated
    ) }}
),

rights as (
    select
        waiting.*,
        {{ whole_times('slots.slot_ms', 'waiting.aligned_ms') }} as slot
    from {{ ref('int_matching__waiting') }} as waiting
    inner join slots on waiting.pair = slots.pair
    where waiting.role = 'right'
),

compared as (
    select
        placed.pair,
        placed.side_number as left_number,
        rights.side_number as right_number,
        placed.side_id as left_side_id,
        rights.side_id as right_side_id,
        placed.canonical_call_id as left_call_id,
        rights.canonical_call_id as right_call_id,
        rights.record_id as right_record_id,
        placed.side_day as match_day,
        placed.window_ms,
        placed.partner_share,
        rights.aligned_ms - placed.aligned_ms as start_difference_ms,
        rights.aligned_end_ms - placed.aligned_end_ms as end_difference_ms,
        placed.aligned_end_ms - placed.aligned_ms as left_duration_ms,
        rights.aligned_end_ms - rights.aligned_ms as right_duration_ms,
        cast(rights.aligned_end_ms - rights.aligned_ms as double)
        / nullif(placed.aligned_end_ms - placed.aligned_ms, 0) as duration_ratio,
        greatest(placed.caller_count, rights.caller_count) as caller_count,
        {{ agreement('placed.caller_token', 'rights.caller_token') }} as caller_match,
        {{ agreement('placed.called_token', 'rights.called_token') }} as called_match
        {%- for column in [
            'account', 'environment', 'direction', 'region', 'language', 'reason'
        ] %},
        {{ pairing('placed.' ~ column, 'rights.' ~ column) }} as {{ column }}_pairing
        {%- endfor %}
    from placed
    inner join rights
        on
            placed.pair = rights.pair
            and placed.block = rights.block
            and placed.item = rights.slot
            and rights.aligned_ms between placed.aligned_ms - placed.window_ms
            and placed.aligned_ms + placed.window_ms
)

select
    *,
    {% for feature, level in feature_levels().items() %}
    {{ level }} as {{ feature }}_level{{ ',' if not loop.last }}
    {% endfor %}
from compared
