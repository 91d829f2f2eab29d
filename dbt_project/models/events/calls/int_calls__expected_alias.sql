-- One row per call and canonical role: whether the alias is expected and there, and what the call's
-- records say that bears on why it is not.
with

-- A trace ID that is only derived from a Call SID does not count: nothing shows that it was used.
present as (
    select distinct
        canonical_call_id,
        canonical_role
    from {{ ref('int_identity__call_alias') }}
    where canonical_role != 'traceId'
    union all
    select
        canonical_call_id,
        'traceId' as canonical_role
    from {{ ref('int_calls__agent') }}
    where otel_trace_id is not null
    union all
    select
        canonical_call_id,
        'traceSpans' as canonical_role
    from {{ ref('int_calls__route') }}
    where has_spans
),

conflicts as (
    select distinct
        conflict.canonical_call_id,
        namespace.canonical_role
    from {{ ref('int_identity__withheld') }} as conflict
    inner join {{ ref('alias_namespace') }} as namespace
        on conflict.namespace = namespace.namespace
    where conflict.canonical_call_id is not null
),

kept as (
    select
        route,
        canonical_role,
        max(kept_days) as kept_days
    from {{ ref('role_source') }}
    group by route, canonical_role
),

entries as (
    select
        canonical_call_id,
        is_entry_known
    from {{ ref('int_calls__path') }}
    where position = 1
)

select
    call.canonical_call_id,
    call.call_date,
    route.route,
    requirement.canonical_role,
    requirement.requirement,
    present.canonical_role is not null as is_present,
    conflicts.canonical_role is not null as has_conflict,
    coalesce(entries.is_entry_known, true) as is_entry_known,
    coalesce(path.is_there, true) as is_home_there,
    path.lost_at,
    -- A call over midnight has records of either day.
    first_day.dt is not null and last_day.dt is not null as has_provider_landed,
    coalesce(first_day.has_stream and last_day.has_stream, false) as has_stream_landed,
    coalesce(
        {{ ms_between('call.ended_at', 'call.first_landed_at') }} > kept.kept_days * 86400000.0,
        false
    ) as is_past_keeping,
    route.has_partial_summary,
    route.is_contact_unfinished,
    route.has_deleted_recording,
    route.has_room_span,
    coalesce(telephony.is_unfinished, false) as is_unfinished,
    coalesce(telephony.is_recording_pending, false) as is_recording_pending,
    kept_trace.canonical_call_id is not null as keeps_trace
from {{ ref('int_identity__call') }} as call
inner join {{ ref('int_calls__route') }} as route
    on call.canonical_call_id = route.canonical_call_id
inner join {{ ref('alias_requirement') }} as requirement on route.route = requirement.route
left join present
    on
        call.canonical_call_id = present.canonical_call_id
        and requirement.canonical_role = present.canonical_role
left join conflicts
    on
        call.canonical_call_id = conflicts.canonical_call_id
        and requirement.canonical_role = conflicts.canonical_role
left join {{ ref('int_calls__path') }} as path
    on
        call.canonical_call_id = path.canonical_call_id
        and requirement.home_system = path.system
left join entries on call.canonical_call_id = entries.canonical_call_id
left join kept
    on route.route = kept.route and requirement.canonical_role = kept.canonical_role
left join {{ ref('int_calls__landed_role') }} as first_day
    on
        route.route = first_day.route
        and requirement.canonical_role = first_day.canonical_role
        and call.call_date = first_day.dt
left join {{ ref('int_calls__landed_role') }} as last_day
    on
        route.route = last_day.route
        and requirement.canonical_role = last_day.canonical_role
        and coalesce(cast(call.ended_at as date), call.call_date) = last_day.dt
left join {{ ref('int_calls__telephony') }} as telephony
    on call.canonical_call_id = telephony.canonical_call_id
left join {{ ref('int_calls__kept_trace') }} as kept_trace
    on call.canonical_call_id = kept_trace.canonical_call_id
