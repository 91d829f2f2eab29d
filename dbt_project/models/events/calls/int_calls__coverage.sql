-- One row per call: which of the six questions its evidence answers (S0-20 to S0-26).
with

answered as (
    select
        route.canonical_call_id,
        -- Q1, how the caller came in: a beginning, and who called or that it was from the web.
        coalesce(event.has_entry, false)
        and (
            route.route = 'web_call'
            or coalesce(ivr.caller_token, telephony.from_token, agent.caller_token) is not null
        ) as has_entry_evidence,
        -- Q2, the path before the agent: the flow, or, without an IVR, that it was answered.
        case
            when route.has_connect then coalesce(event.has_flow, false)
            else event.answered_at is not null
        end as has_path_evidence,
        -- Q3, what was heard: turns of the caller, or, where no agent took part, the IVR's input.
        coalesce(turn.user_turn_count, 0) > coalesce(turn.withheld_turn_count, 0)
        or (route.route = 'ivr_only' and coalesce(event.has_caller_input, false))
            as has_heard_evidence,
        -- Q4, what was decided: prompt and model, or, where no agent took part, the flow.
        (agent.prompt_version is not null and agent.model is not null)
        or (route.route = 'ivr_only' and coalesce(event.has_flow, false)) as has_decision_evidence,
        -- Q5, what the caller went through: latency, quality of the line, or who hung up.
        coalesce(event.has_experience, false)
        or telephony.packet_loss_pct is not null
        or turn.e2e_latency_p50_ms is not null as has_experience_evidence,
        -- Q6, how it ended.
        outcome.outcome != 'unknown' or outcome.crm_object_id is not null as has_outcome_evidence
    from {{ ref('int_calls__route') }} as route
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
    left join {{ ref('int_calls__outcome') }} as outcome
        on route.canonical_call_id = outcome.canonical_call_id
)

{% set questions = ['entry', 'path', 'heard', 'decision', 'experience', 'outcome'] %}
select
    *,
    {% for question in questions -%}
    case when has_{{ question }}_evidence then 1 else 0 end{{ ' + ' if not loop.last }}
    {% endfor -%}
    as evidence_coverage
from answered
