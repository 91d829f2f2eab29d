-- One row per call and canonical role: whether the alias is expected, is there, and if not, why.
{{ config(contract={'enforced': true}) }}
with

expected as (
    select
        call.canonical_call_id,
        call.call_date,
        call.is_conflicting,
        route.route,
        route.has_connect,
        route.has_twilio,
        route.has_livekit,
        route.has_partial_summary,
        requirement.canonical_role,
        requirement.requirement
    from {{ ref('int_identity__call') }} as call
    inner join {{ ref('int_calls__route') }} as route
        on call.canonical_call_id = route.canonical_call_id
    inner join {{ ref('alias_requirement') }} as requirement on route.route = requirement.route
),

-- A trace ID that is only derived from a Call SID does not count: nothing shows that it was used.
present as (
    select distinct
        canonical_call_id,
        canonical_role
    from {{ ref('call_alias') }}
    where canonical_role != 'traceId'
    union all
    select
        canonical_call_id,
        'traceId' as canonical_role
    from {{ ref('int_calls__agent') }}
    where otel_trace_id is not null
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

judged as (
    select
        expected.*,
        present.canonical_role is not null as is_present,
        conflicts.canonical_role is not null as has_conflict,
        landed_roles.dt is not null as has_landed,
        coalesce(telephony.is_recording_pending, false) as is_recording_pending,
        kept_traces.canonical_call_id is not null as keeps_trace,
        -- The last system on the route that has the call, and its neighbour, which did not get it.
        case
            when expected.canonical_role = 'traceId' and expected.has_livekit then 'livekit->otlp'
            when expected.canonical_role in ('agentSessionId', 'traceId') and expected.has_twilio
                then 'twilio->livekit'
            when expected.route = 'ivr_to_agent' and expected.has_connect
                then 'amazon_connect->twilio'
            when expected.canonical_role = 'providerCallId' and expected.has_livekit
                then 'twilio->livekit'
        end as lost_at
    from expected
    left join present
        on
            expected.canonical_call_id = present.canonical_call_id
            and expected.canonical_role = present.canonical_role
    left join conflicts
        on
            expected.canonical_call_id = conflicts.canonical_call_id
            and expected.canonical_role = conflicts.canonical_role
    left join {{ ref('int_calls__landed_role') }} as landed_roles
        on
            expected.route = landed_roles.route
            and expected.canonical_role = landed_roles.canonical_role
            and expected.call_date = landed_roles.dt
    left join {{ ref('int_calls__telephony') }} as telephony
        on expected.canonical_call_id = telephony.canonical_call_id
    left join {{ ref('int_calls__kept_trace') }} as kept_traces
        on expected.canonical_call_id = kept_traces.canonical_call_id
),

reasoned as (
    select
        *,
        case
            when is_present then 'present'
            when requirement = 'not_applicable' then 'not_applicable'
            when has_conflict then 'conflicting'
            when
                canonical_role = 'traceId'
                and not keeps_trace
                and {{ env_var('CALLSTORY_TRACE_SAMPLE_RATE', '1.0') | float }} < 1.0
                then 'sampled_out'
            when not has_landed and route != 'unknown' then 'not_landed'
            when canonical_role = 'recordingId' and (has_partial_summary or is_recording_pending)
                then 'pending'
            when
                canonical_role in ('providerCallId', 'agentSessionId', 'traceId')
                and lost_at is not null
                then 'dropped_at_boundary'
            else 'unknown'
        end as reason
    from judged
)

select
    canonical_call_id,
    call_date,
    route,
    canonical_role,
    requirement,
    requirement = 'required' as is_required,
    is_present,
    reason,
    case when reason = 'dropped_at_boundary' then lost_at end as boundary
from reasoned
