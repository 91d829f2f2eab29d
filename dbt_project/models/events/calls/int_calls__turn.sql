-- One row per call with turns: how many, how well heard, how fast.
select
    link.canonical_call_id,
    count(*) as turn_count,
    sum(case when turn.speaker = 'user' then 1 else 0 end) as user_turn_count,
    sum(case when turn.speaker = 'agent' then 1 else 0 end) as agent_turn_count,
    sum(case when turn.was_interrupted and turn.speaker = 'agent' then 1 else 0 end)
        as interruption_count,
    sum(case when turn.is_low_confidence then 1 else 0 end) as low_confidence_turn_count,
    round(avg(turn.asr_confidence), 4) as asr_confidence_avg,
    round({{ quantile('turn.e2e_latency_ms', 0.5) }}, 3) as e2e_latency_p50_ms,
    round({{ quantile('turn.e2e_latency_ms', 0.95) }}, 3) as e2e_latency_p95_ms,
    round({{ quantile('turn.llm_ttft_ms', 0.5) }}, 3) as llm_ttft_p50_ms,
    round({{ quantile('turn.tts_ttfb_ms', 0.5) }}, 3) as tts_ttfb_p50_ms,
    sum(case when turn.redaction_state = 'withheld' then 1 else 0 end) as withheld_turn_count,
    max(case when turn.redaction_state is null then 1 else 0 end) = 1 as has_unredacted_turn
from {{ ref('int_events__turn') }} as turn
inner join {{ ref('int_identity__record_call') }} as link on turn.record_id = link.record_id
group by link.canonical_call_id
