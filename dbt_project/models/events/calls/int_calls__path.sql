-- One row per call and system on its route's path: whether the system knows the call, and if not,
-- at which boundary the call was lost on the way there.
with

agents as (
    select distinct canonical_call_id
    from {{ ref('int_identity__call_alias') }}
    where canonical_role = 'agentSessionId'
),

passed as (
    select
        route.canonical_call_id,
        path.route,
        path.position,
        path.system,
        case path.system
            when 'amazon_connect' then route.has_connect
            when 'twilio' then route.has_twilio
            when 'livekit' then route.has_livekit
            when 'otlp' then route.has_spans
            else agents.canonical_call_id is not null
        end as is_there
    from {{ ref('int_calls__route') }} as route
    inner join {{ ref('route_path') }} as path on route.route = path.route
    left join agents on route.canonical_call_id = agents.canonical_call_id
),

-- The last system before this one that knows the call: its neighbour did not get it. Where none
-- does and a later one knows the call, this system did not hand its name on.
nearest as (
    select
        *,
        max(case when is_there then position end) over (
            partition by canonical_call_id order by position
            rows between unbounded preceding and 1 preceding
        ) as last_before,
        max(case when is_there then position end) over (
            partition by canonical_call_id order by position
            rows between 1 following and unbounded following
        ) as last_after,
        max(case when position = 1 and is_there then 1 else 0 end) over (
            partition by canonical_call_id
        ) = 1 as is_entry_known
    from passed
)

select
    nearest.canonical_call_id,
    nearest.position,
    nearest.system,
    nearest.is_there,
    nearest.is_entry_known,
    giver.system || '->' || taker.system as lost_at
from nearest
left join {{ ref('route_path') }} as giver
    on
        nearest.route = giver.route
        and coalesce(
            nearest.last_before, case when nearest.last_after > 0 then nearest.position end
        ) = giver.position
        and not nearest.is_there
left join {{ ref('route_path') }} as taker
    on giver.route = taker.route and giver.position + 1 = taker.position
