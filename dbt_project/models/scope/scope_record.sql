-- Every record of the calls that this run recomputes: those that its records touch, and those that
-- a fact about a day has changed for (a clock's offset, or that a stream of that day has landed).
-- after {{ after('scope_object') }}
-- after {{ after('scope_record_key') }}
-- after {{ after('stg_landing__object') }}
-- after {{ after('int_events__clock_pair') }}
-- after {{ after('int_events__clock_offset') }}
{{ config(materialized='closure', commits=true) }}
-- after {{ after('stg_landing__received') }}
with

touched as (
    select record_id from {{ ref('scope_touched') }}
){% if is_partial() %},

days_landed as (
    select distinct
        provider,
        stream,
        dt
    from {{ ref('stg_landing__object') }}
    where received_count > 0
),

days_landed_before as (
    select
        landing.provider,
        landing.stream,
        landing.dt,
        bool_and(coalesce(files.is_gone, false)) as is_gone
    from {{ whole('stg_landing__object') }} as landing
    left join {{ ref('scope_object') }} as files on landing.sidecar_file = files.file_name
    where landing.received_count > 0
    group by landing.provider, landing.stream, landing.dt
),

changed_days as (
    select coalesce(days.dt, days_before.dt) as dt
    from days_landed as days
    full outer join days_landed_before as days_before
        on
            days.provider = days_before.provider
            and days.stream = days_before.stream
            and days.dt = days_before.dt
    where days_before.dt is null or (days.dt is null and days_before.is_gone)
),

offsets_before as (
    select * from {{ whole('int_events__clock_offset') }}
    where
        reference_date in (
            select reference_date from {{ ref('int_events__clock_pair') }}
            union all
            select reference_date from {{ whole('int_events__clock_pair') }}
            where pair_id in (select record_id from touched)
        )
),

changed_offsets as (
    select
        coalesce(offsets.source_system, offsets_before.source_system) as source_system,
        coalesce(offsets.reference_date, offsets_before.reference_date) as reference_date
    from {{ ref('int_events__clock_offset') }} as offsets
    full outer join offsets_before
        on
            offsets.source_system = offsets_before.source_system
            and offsets.reference_date = offsets_before.reference_date
    where
        coalesce(offsets.clock_offset_ms, 0) != coalesce(offsets_before.clock_offset_ms, 0)
),

changed_calls as ( -- noqa: ST03
    select call.canonical_call_id
    from {{ stored_table('identity', 'int_identity__call') }} as call
    where
        call.call_date in (select dt from changed_days)
        or cast(call.ended_at as date) in (select dt from changed_days)
    union
    select event.canonical_call_id
    from {{ stored_table('marts', 'call_event') }} as event
    inner join changed_offsets as changed
        on
            event.source_system = changed.source_system
            and cast(event.occurred_at as date) = changed.reference_date
    union
    select turn.canonical_call_id
    from {{ stored_table('marts', 'call_turn') }} as turn
    inner join changed_offsets as changed
        on
            turn.source_system = changed.source_system
            and cast(turn.started_at as date) = changed.reference_date
){% endif %}

select record_id from touched
{% if is_partial() %}
union all
select record_id
from {{ stored_table('identity', 'int_identity__record_call') }}
where canonical_call_id in (select canonical_call_id from changed_calls)
{% endif %}
