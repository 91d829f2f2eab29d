"""The six investigation questions of a call (S0-20 to S0-26), answered from its record.

A question without evidence says so, because whoever reads on would otherwise guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serve.text import clean, number

Row = dict[str, Any]

# question -> (its evidence flag, (label, column, unit) ...)
QUESTIONS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "How it came in": (
        "has_entry_evidence",
        (("caller", "caller_token", ""), ("called", "called_token", ""),
         ("campaign", "campaign", ""), ("flow", "entry_flow", ""), ("queue", "queue_name", "")),
    ),
    "Path to the agent": (
        "has_path_evidence",
        (("last option", "last_menu_option", ""), ("retries", "retry_count", ""),
         ("timeouts", "timeout_count", ""), ("no match", "no_match_count", ""),
         ("transfers", "transfer_count", ""), ("because of", "transfer_reason", "")),
    ),
    "What it heard": (
        "has_heard_evidence",
        (("user turns", "user_turn_count", ""), ("agent turns", "agent_turn_count", ""),
         ("low confidence", "low_confidence_turn_count", ""),
         ("mean confidence", "asr_confidence_avg", ""), ("recogniser", "stt_provider", "")),
    ),
    "What it decided": (
        "has_decision_evidence",
        (("agent", "agent_id", ""), ("version", "agent_version", ""),
         ("prompt", "prompt_version", ""), ("model", "model", ""),
         ("tool calls", "tool_call_count", ""), ("failed", "tool_failure_count", ""),
         ("guardrail blocks", "guardrail_block_count", "")),
    ),
    "What it was like": (
        "has_experience_evidence",
        (("answer p50", "e2e_latency_p50_ms", " ms"), ("p95", "e2e_latency_p95_ms", " ms"),
         ("interruptions", "interruption_count", ""), ("packet loss", "packet_loss_pct", " %"),
         ("jitter", "jitter_avg_ms", " ms"), ("silence", "silence_detected", ""),
         ("codec", "codec", ""), ("edge", "edge_location", ""),
         ("ended by", "disconnected_by", ""), ("SIP", "last_sip_response", "")),
    ),
    "How it ended": (
        "has_outcome_evidence",
        (("outcome", "outcome", ""), ("disposition", "disposition", ""),
         ("case", "crm_object_id", ""), ("case status", "crm_status", "")),
    ),
}  # fmt: skip


def question_lines(call: Row) -> Iterator[tuple[str, str]]:
    """(label, answer) of each question; first how many of the six have evidence."""
    yield "Evidence: ", f"{call['evidence_coverage']} of {len(QUESTIONS)} questions can be answered"
    for question, (flag, facts) in QUESTIONS.items():
        told = [
            f"{label} {clean(number(call[column]))}{unit}"
            for label, column, unit in facts
            if call.get(column) is not None
        ]
        answer = "; ".join(told) if told else "nothing recorded"
        yield f"  {question:<18}", answer if call[flag] else f"NO EVIDENCE ({answer})"
