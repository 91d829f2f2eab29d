"""Which agent, models and versions a call ran on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ingest.simulator.world import Call


@dataclass(frozen=True, slots=True)
class Models:
    """The configuration of the voice agent on one call."""

    agent_id: str
    agent_version: str
    prompt_version: str
    llm_provider: str
    llm_model: str
    stt_provider: str
    stt_model: str
    tts_provider: str
    tts_model: str
    voice_id: str
    sdk_version: str
    uses_old_names: bool
    """Spans name the provider ``gen_ai.system``, as before the conventions renamed it."""


@lru_cache(maxsize=8)
def _variant(number: int) -> Models:
    newer = number % 3 == 0
    eleven = number % 2 == 0
    return Models(
        agent_id="agent_support",
        agent_version="2026.4.2" if newer else "2026.4.1",
        prompt_version="support-v13" if newer else "support-v12",
        llm_provider="openai",
        llm_model="gpt-4.1-mini" if newer else "gpt-4o-mini",
        stt_provider="deepgram",
        stt_model="nova-3",
        tts_provider="elevenlabs" if eleven else "cartesia",
        tts_model="eleven_flash_v2_5" if eleven else "sonic-3",
        voice_id="voice_ava_2" if eleven else "voice_ava_1",
        sdk_version="1.3.6" if newer else "1.2.18",
        uses_old_names=not newer,
    )


def models_of(call: Call) -> Models:
    """The models of a call; the newer release reaches a third of the calls."""
    return _variant(call.plan.ordinal % 6)
