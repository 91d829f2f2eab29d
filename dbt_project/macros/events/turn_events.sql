{#-
    The events of the turns of one provider: the turn itself, and low confidence of speech
    recognition. The text stays in int_events__turn; the payload points at it (S0-146).
-#}
{% macro turn_events(provider, stream, system) -%}
    {%- set aliases = {'contact': 'current_contact_id', 'session': 'agent_session_id'} -%}
    {%- set final_type = "(case when speaker = 'user' then 'transcript.user_turn_final'
            else 'transcript.agent_turn_final' end)" -%}
    select
        {{ event_columns(
            provider ~ '.' ~ stream, system, final_type, 'ended_at', 'resolution_ms',
            discriminator='turn_position', sequence='turn_position',
            details=[
                'turn_id', 'speaker', 'asr_confidence', 'was_interrupted', 'e2e_latency_ms',
                'transcription_delay_ms', 'end_of_turn_delay_ms', 'llm_ttft_ms', 'tts_ttfb_ms',
                'audio_pointer'
            ],
            sensitive="(redaction_state != 'clean')", **aliases
        ) }}
    from {{ ref('int_events__turn') }}
    where provider = '{{ provider }}'
    union all
    select
        {{ event_columns(
            provider ~ '.' ~ stream, system, 'asr.low_confidence', 'ended_at', 'resolution_ms',
            discriminator='turn_position', sequence='turn_position',
            details=['turn_id', 'asr_confidence'], **aliases
        ) }}
    from {{ ref('int_events__turn') }}
    where provider = '{{ provider }}' and is_low_confidence
{%- endmacro %}
