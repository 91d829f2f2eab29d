-- One row per pair of sides and side that lacks the other one in its own call, on a common clock.
{% set before = var('matching_before', none) %}
-- after {{ after('int_matching__touched_day') }}
with

sides as (
    select * from {{ whole('int_matching__side') }}
    {% if is_partial() %}
    where side_day in (
        {% for shift in [-1, 0, 1] %}
        select cast({{ add_days('match_day', shift) }} as date)
        from {{ ref('int_matching__touched_day') }}
        {{ 'union' if not loop.last }}
        {% endfor %}
    )
    {% endif %}
),

-- What the explicit graph has tied is never touched.
held as (
    select distinct
        canonical_call_id,
        side
    from {{ whole('int_matching__side') }}
    where canonical_call_id in (select canonical_call_id from sides)
),

eligible as (
    select
        pairs.pair,
        'left' as role,
        pairs.block_by,
        sides.*,
        case when pairs.left_anchor = 'end' then sides.ended_at else sides.started_at end
            as anchor_at
    from sides
    inner join {{ ref('match_pair') }} as pairs on sides.side = pairs.left_side
    left join held as other
        on sides.canonical_call_id = other.canonical_call_id and pairs.right_side = other.side
    left join held as nearer
        on sides.canonical_call_id = nearer.canonical_call_id and pairs.left_unless = nearer.side
    where other.side is null and nearer.side is null
    union all
    select
        pairs.pair,
        'right' as role,
        pairs.block_by,
        sides.*,
        sides.started_at as anchor_at
    from sides
    inner join {{ ref('match_pair') }} as pairs on sides.side = pairs.right_side
    left join held as other
        on sides.canonical_call_id = other.canonical_call_id and pairs.left_side = other.side
    where other.side is null
),

clocks as (
    select * from {{ calibrated('clock') }}
),

-- A day that no calibration has seen goes by the last one before it, or the first after it.
readings as (
    select
        needed.pair,
        needed.role,
        needed.clock_source,
        needed.side_day,
        coalesce(
            max(case when clocks.day <= needed.side_day then clocks.day end), min(clocks.day)
        ) as clock_day
    from (
        select distinct
            pair,
            role,
            clock_source,
            side_day
        from eligible
    ) as needed
    inner join clocks
        on
            needed.pair = clocks.pair
            and needed.role = clocks.role
            and needed.clock_source = clocks.clock_source
    group by needed.pair, needed.role, needed.clock_source, needed.side_day
)

select
    -- A number is cheaper to group by than a name, and means nothing after this run.
    row_number() over (order by eligible.pair, eligible.role, eligible.side_id) as side_number,
    eligible.*,
    coalesce(case eligible.block_by
        when 'account' then eligible.account
        when 'called' then eligible.called_token
    end, '') as block,
    {{ epoch_ms('eligible.anchor_at') }} - clocks.offset_ms as aligned_ms,
    {{ epoch_ms('eligible.ended_at') }} - clocks.offset_ms as aligned_end_ms,
    case when eligible.caller_token is not null then count(*) over (
        partition by eligible.pair, eligible.role, eligible.side_day, eligible.caller_token
    ) end as caller_count
from eligible
inner join readings
    on
        eligible.pair = readings.pair
        and eligible.role = readings.role
        and eligible.clock_source = readings.clock_source
        and eligible.side_day = readings.side_day
inner join clocks
    on
        readings.pair = clocks.pair
        and readings.role = clocks.role
        and readings.clock_source = clocks.clock_source
        and readings.clock_day = clocks.day
left join {{ calibrated('day') }} as refused
    on
        eligible.pair = refused.pair
        and eligible.side_day = refused.day
        and refused.refused_reason is not null
where
    eligible.anchor_at is not null
    and refused.pair is null
    {{ "and eligible.started_at < date '" ~ before ~ "'" if before }}
