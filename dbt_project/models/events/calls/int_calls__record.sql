-- One row per call: how the caller came in, what happened, how it ended, what is missing, all of
-- it from the call's own records.
with

missing as (
    select
        canonical_call_id,
        sum(case when is_required and not is_present and reason != 'sampled_out' then 1 else 0 end)
            as missing_required_count
    from {{ ref('call_completeness') }}
    group by canonical_call_id
)

select
    call.canonical_call_id,
    call.call_date,
    route.route,
    frame.direction,
    coalesce(agent.environment, ivr.environment) as environment,
    frame.started_at,
    frame.answered_at,
    frame.ended_at,
    frame.duration_ms,
    ivr.initial_contact_id,
    ivr.current_contact_id,
    telephony.twilio_call_sid,
    coalesce(telephony.sip_call_id, agent.sip_call_id) as sip_call_id,
    agent.livekit_room_name,
    agent.livekit_room_sid,
    agent.agent_session_id,
    agent.otel_trace_id,
    frame.recording_id,
    outcome.crm_object_id,
    frame.caller_token,
    frame.called_token,
    ivr.campaign,
    ivr.queue_name,
    ivr.entry_flow,
    ivr.last_menu_option,
    cast(ivr.retry_count as bigint) as retry_count,
    cast(ivr.timeout_count as bigint) as timeout_count,
    cast(ivr.no_match_count as bigint) as no_match_count,
    ivr.handoff_reason as transfer_reason,
    cast(
        coalesce(ivr.transfer_count, 0)
        + case when telephony.has_human_leg then 1 else 0 end as bigint
    ) as transfer_count,
    agent.agent_id,
    agent.agent_version,
    agent.prompt_version,
    agent.model,
    agent.stt_provider,
    agent.tts_provider,
    coalesce(agent.language, ivr.language) as language,
    ivr.region,
    cast(telephony.post_dial_delay_ms as double) as post_dial_delay_ms,
    cast(telephony.packet_loss_pct as double) as packet_loss_pct,
    cast(telephony.jitter_avg_ms as double) as jitter_avg_ms,
    telephony.codec,
    telephony.edge_location,
    coalesce(event.silence_detected, false) as silence_detected,
    frame.disconnected_by,
    frame.disconnect_reason,
    cast(telephony.last_sip_response as bigint) as last_sip_response,
    cast(coalesce(turn.turn_count, 0) as bigint) as turn_count,
    cast(coalesce(turn.user_turn_count, 0) as bigint) as user_turn_count,
    cast(coalesce(turn.agent_turn_count, 0) as bigint) as agent_turn_count,
    cast(coalesce(turn.interruption_count, 0) as bigint) as interruption_count,
    cast(coalesce(turn.low_confidence_turn_count, 0) as bigint) as low_confidence_turn_count,
    turn.asr_confidence_avg,
    turn.e2e_latency_p50_ms,
    turn.e2e_latency_p95_ms,
    turn.llm_ttft_p50_ms,
    turn.tts_ttfb_p50_ms,
    cast(coalesce(event.tool_call_count, 0) as bigint) as tool_call_count,
    cast(coalesce(event.tool_failure_count, 0) as bigint) as tool_failure_count,
    cast(coalesce(event.guardrail_block_count, 0) as bigint) as guardrail_block_count,
    outcome.outcome,
    outcome.outcome_basis,
    outcome.disposition,
    outcome.is_escalated,
    outcome.outcome = 'resolved' as is_resolved,
    outcome.is_abandoned,
    outcome.crm_status,
    coverage.has_entry_evidence,
    coverage.has_path_evidence,
    coverage.has_heard_evidence,
    coverage.has_decision_evidence,
    coverage.has_experience_evidence,
    coverage.has_outcome_evidence,
    coverage.evidence_coverage,
    cast(coalesce(missing.missing_required_count, 0) as bigint) as missing_required_count,
    call.is_conflicting,
    event.redaction_policy_version,
    frame.contains_raw_audio,
    frame.contains_unredacted_transcript,
    frame.retention_class,
    call.record_count,
    cast(coalesce(event.event_count, 0) as bigint) as event_count
from {{ ref('int_identity__call') }} as call
inner join {{ ref('int_calls__route') }} as route
    on call.canonical_call_id = route.canonical_call_id
inner join {{ ref('int_calls__frame') }} as frame
    on call.canonical_call_id = frame.canonical_call_id
inner join {{ ref('int_calls__outcome') }} as outcome
    on call.canonical_call_id = outcome.canonical_call_id
inner join {{ ref('int_calls__coverage') }} as coverage
    on call.canonical_call_id = coverage.canonical_call_id
left join {{ ref('int_calls__telephony') }} as telephony
    on call.canonical_call_id = telephony.canonical_call_id
left join {{ ref('int_calls__ivr') }} as ivr
    on call.canonical_call_id = ivr.canonical_call_id
left join {{ ref('int_calls__agent') }} as agent
    on call.canonical_call_id = agent.canonical_call_id
left join {{ ref('int_calls__turn') }} as turn
    on call.canonical_call_id = turn.canonical_call_id
left join {{ ref('int_calls__event') }} as event
    on call.canonical_call_id = event.canonical_call_id
left join missing on call.canonical_call_id = missing.canonical_call_id
