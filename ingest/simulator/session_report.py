"""The agents SDK's session report: options, usage, events and chat history of one session.

Shape: ``SessionReport.to_dict`` of livekit-agents (times are float Unix seconds, metrics seconds;
``metrics_collected`` events are left out by the SDK), plus the application's own ``metadata``.
"""

from __future__ import annotations

from typing import Any

from ingest.simulator.clock import seconds
from ingest.simulator.ids import hex_id
from ingest.simulator.models import Models, models_of
from ingest.simulator.records import Alias, Record
from ingest.simulator.world import Call, Tool, Turn

_OPTIONS = {
    "allow_interruptions": True,
    "discard_audio_if_uninterruptible": True,
    "min_interruption_duration": 0.5,
    "min_interruption_words": 0,
    "min_endpointing_delay": 0.5,
    "max_endpointing_delay": 3.0,
    "max_tool_steps": 3,
    "user_away_timeout": 15.0,
    "min_consecutive_speech_delay": 0.0,
    "preemptive_generation": True,
}


def report_record(call: Call, skew_ms: int) -> Record:
    """The report that the agent uploads when its session closes."""
    ids, models = call.ids, models_of(call)
    at_ms = call.agent_end_ms + 1200
    began = call.room_ms + 900
    items, events = _history(call, skew_ms)
    audio = f"/recordings/{ids.job_id}/audio.ogg" if call.is_recorded else None
    body: dict[str, Any] = {
        "job_id": ids.job_id,
        "room_id": ids.room_sid,
        "room": ids.room_name,
        "sdk_version": models.sdk_version,
        "events": events,
        "audio_recording_path": audio,
        "audio_recording_started_at": seconds(began + skew_ms) if audio else None,
        "options": _OPTIONS,
        "chat_history": {"items": items},
        "timestamp": seconds(at_ms + skew_ms),
        "usage": _usage(call, models),
        "metadata": {
            "agent_id": models.agent_id,
            "agent_version": models.agent_version,
            "prompt_version": models.prompt_version,
            "environment": call.environment,
            "language": call.language,
        },
    }
    aliases: tuple[Alias, ...] = (
        ("livekit_job_id", ids.job_id),
        ("livekit_room_sid", ids.room_sid),
        ("livekit_room_name", ids.room_name),
    )
    name = f"{{day}}/{ids.job_id}.json"
    return Record("livekit", "session_reports", ids.job_id, body, at_ms + 3000, aliases, name)


def _history(call: Call, skew_ms: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Chat items and events, in order of their creation."""
    items: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    state = "initializing"
    for turn in call.turns:
        start, end = seconds(turn.start_ms + skew_ms), seconds(turn.end_ms + skew_ms)
        for tool in turn.tools:
            pair = _tool_items(tool, skew_ms)
            items += pair
            events.append(_tools_executed(pair))
        item = _message(call, turn, start, end)
        items.append(item)
        if turn.speaker == "user":
            events.append(_state("user", "listening", "speaking", start))
            events.append(_state("user", "speaking", "listening", end))
            events.append(_transcribed(call, turn, end))
        else:
            events.append(_state("agent", state, "speaking", start))
            events.append(_state("agent", "speaking", "listening", end))
            state = "thinking"
        events.append({"type": "conversation_item_added", "item": item, "created_at": end})
    closing = seconds(call.agent_end_ms + skew_ms)
    why = "participant_disconnected" if call.disconnected_by == "caller" else "job_shutdown"
    events.append({"type": "close", "error": None, "reason": why, "created_at": closing})
    return items, events


def _state(who: str, old: str, new: str, at: float) -> dict[str, Any]:
    return {"type": f"{who}_state_changed", "old_state": old, "new_state": new, "created_at": at}


def _transcribed(call: Call, turn: Turn, at: float) -> dict[str, Any]:
    return {
        "type": "user_input_transcribed",
        "transcript": turn.text,
        "is_final": True,
        "speaker_id": None,
        "language": call.language,
        "created_at": at,
    }


def _message(call: Call, turn: Turn, start: float, end: float) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": hex_id(call.rng, "item_", 12),
        "type": "message",
        "role": "user" if turn.speaker == "user" else "assistant",
        "content": [turn.text],
        "interrupted": turn.is_interrupted,
        "created_at": end if turn.speaker == "user" else start,
    }
    if turn.speaker == "user":
        item["transcript_confidence"] = turn.confidence
        item["metrics"] = {
            "started_speaking_at": start,
            "stopped_speaking_at": end,
            "transcription_delay": turn.transcription_ms / 1000,
            "end_of_turn_delay": turn.end_of_turn_ms / 1000,
            "on_user_turn_completed_delay": 0.0004,
        }
    else:
        item["metrics"] = {
            "started_speaking_at": start,
            "stopped_speaking_at": end,
            "llm_node_ttft": turn.ttft_ms / 1000,
            "tts_node_ttfb": turn.ttfb_ms / 1000,
        }
        if turn.e2e_ms:
            item["metrics"]["e2e_latency"] = turn.e2e_ms / 1000
    return item


def _tool_items(tool: Tool, skew_ms: int) -> list[dict[str, Any]]:
    tail = tool.call_id[5:17]
    return [
        {
            "id": f"item_{tail}",
            "type": "function_call",
            "call_id": tool.call_id,
            "name": tool.name,
            "arguments": tool.arguments,
            "created_at": seconds(tool.start_ms + skew_ms),
        },
        {
            "id": f"item_{tail[::-1]}",
            "type": "function_call_output",
            "call_id": tool.call_id,
            "name": tool.name,
            "output": tool.output,
            "is_error": tool.is_error,
            "created_at": seconds(tool.end_ms + skew_ms),
        },
    ]


def _tools_executed(pair: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "function_tools_executed",
        "function_calls": [pair[0]],
        "function_call_outputs": [pair[1]],
        "created_at": pair[1]["created_at"],
    }


def _usage(call: Call, models: Models) -> list[dict[str, Any]]:
    spoken = sum(len(t.text) for t in call.turns if t.speaker == "agent")
    heard_ms = sum(t.end_ms - t.start_ms for t in call.turns if t.speaker == "user")
    return [
        {
            "type": "llm_usage",
            "provider": models.llm_provider,
            "model": models.llm_model,
            "input_tokens": 900 + spoken * 3,
            "input_cached_tokens": 640,
            "output_tokens": spoken // 4,
        },
        {
            "type": "stt_usage",
            "provider": models.stt_provider,
            "model": models.stt_model,
            "audio_duration": heard_ms / 1000,
        },
        {
            "type": "tts_usage",
            "provider": models.tts_provider,
            "model": models.tts_model,
            "characters_count": spoken,
            "audio_duration": spoken * 0.055,
        },
    ]
