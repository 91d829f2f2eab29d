-- One row per call: how it ended and on what evidence that rests.
with

facts as (
    select
        route.canonical_call_id,
        route.route,
        route.has_agent,
        ticket.crm_object_id,
        ticket.crm_status,
        ticket.disposition,
        coalesce(ticket.is_followed_by_repeat_call, false) as is_followed_by_repeat_call,
        coalesce(event.has_person, false) as has_person,
        coalesce(ivr.is_self_service, false) as is_self_service,
        coalesce(telephony.disconnected_by = 'caller', false)
        or coalesce(ivr.disconnect_reason = 'CUSTOMER_DISCONNECT', false)
        or coalesce(agent.disconnect_reason = 'CLIENT_INITIATED', false) as has_caller_left,
        -- Null without a transcript: then silence proves nothing.
        turn.user_turn_count
    from {{ ref('int_calls__route') }} as route
    left join {{ ref('int_calls__ticket') }} as ticket
        on route.canonical_call_id = ticket.canonical_call_id
    left join {{ ref('int_calls__event') }} as event
        on route.canonical_call_id = event.canonical_call_id
    left join {{ ref('int_calls__ivr') }} as ivr
        on route.canonical_call_id = ivr.canonical_call_id
    left join {{ ref('int_calls__telephony') }} as telephony
        on route.canonical_call_id = telephony.canonical_call_id
    left join {{ ref('int_calls__agent') }} as agent
        on route.canonical_call_id = agent.canonical_call_id
    left join {{ ref('int_calls__turn') }} as turn
        on route.canonical_call_id = turn.canonical_call_id
),

judged as (
    select
        *,
        -- A person took over from an automated agent; after a menu a person is the usual way.
        (has_person and route != 'ivr_only') or coalesce(disposition = 'escalated', false)
            as is_escalated,
        -- Left unserved: in the IVR, in the queue, or before a word was said to the agent. A call
        -- that was handed to an agent of whom nothing is known may have been served.
        has_caller_left and not has_person and not is_self_service
        and (route = 'ivr_only' or (has_agent and coalesce(user_turn_count = 0, false)))
            as has_left_unserved
    from facts
),

concluded as (
    select
        *,
        case
            when is_followed_by_repeat_call then 'repeat_call'
            when disposition in ('resolved', 'escalated', 'abandoned', 'callback')
                then 'crm_disposition'
            when is_escalated then 'person_took_over'
            when crm_status in ('solved', 'closed') then 'crm_status'
            when has_left_unserved then 'caller_left'
            when is_self_service then 'self_service'
            else 'none'
        end as outcome_basis
    from judged
)

select
    canonical_call_id,
    crm_object_id,
    crm_status,
    disposition,
    outcome_basis,
    case outcome_basis
        when 'repeat_call' then 'unresolved'
        when 'crm_disposition'
            then case when disposition = 'callback' then 'unresolved' else disposition end
        when 'person_took_over' then 'escalated'
        when 'crm_status' then 'resolved'
        when 'caller_left' then 'abandoned'
        when 'self_service' then 'resolved'
        else 'unknown'
    end as outcome,
    is_escalated,
    has_left_unserved
    or (outcome_basis = 'crm_disposition' and disposition = 'abandoned') as is_abandoned
from concluded
