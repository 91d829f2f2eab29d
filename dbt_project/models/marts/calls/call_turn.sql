-- One row per turn of a call's conversations, with the automated agent and with people.
{% set is_strict = env_var('CALLSTORY_TURN_TEXT', 'strict') == 'strict' %}
{{ config(contract={'enforced': true}) }}
with

turns as (
    select
        turn.*,
        link.canonical_call_id,
        call.call_date,
        -- Words of this text that another record of the call knows as the customer's name.
        {{ matching_spans('turn.name_candidates', 'known.name_tokens') }} as known_names,
        row_number() over (
            partition by link.canonical_call_id
            order by
                {{ add_ms('turn.started_at', '-coalesce(clock.clock_offset_ms, 0)') }},
                turn.provider,
                turn.turn_position,
                turn.turn_id
        ) as turn_index
    from {{ ref('int_events__turn') }} as turn
    inner join {{ ref('int_identity__record_call') }} as link on turn.record_id = link.record_id
    inner join {{ ref('int_identity__call') }} as call
        on link.canonical_call_id = call.canonical_call_id
    left join {{ ref('int_calls__known_name') }} as known
        on link.canonical_call_id = known.canonical_call_id
    left join {{ whole('int_events__clock_offset') }} as clock
        on
            turn.source_system = clock.source_system
            and cast(turn.started_at as date) = clock.reference_date
)

select
    turn_id,
    canonical_call_id,
    call_date,
    cast(turn_index as integer) as turn_index,
    speaker,
    -- What could not be made safe is not shown; the row says so.
    case
        when redaction_state = 'withheld' then null
        {% if is_strict -%}
        else {{ words_masked('strict_text', 'turn_text', 'known_names', '[NAME]') }}
        {%- else -%}
        else {{ spans_masked('turn_text', 'known_names', '[NAME]') }}
        {%- endif %}
    end as text,
    case
        when redaction_state = 'clean' and {{ list_size('known_names') }} > 0 then 'redacted'
        else redaction_state
    end as redaction_state,
    case
        when {{ list_size('known_names') }} > 0
            then {{ with_element('redaction_classes', "'known'") }}
        else redaction_classes
    end as redaction_classes,
    asr_confidence,
    is_low_confidence,
    was_interrupted,
    started_at,
    ended_at,
    audio_pointer,
    cast(e2e_latency_ms as double) as e2e_latency_ms,
    cast(transcription_delay_ms as double) as transcription_delay_ms,
    cast(end_of_turn_delay_ms as double) as end_of_turn_delay_ms,
    cast(llm_ttft_ms as double) as llm_ttft_ms,
    cast(tts_ttfb_ms as double) as tts_ttfb_ms,
    source_system,
    policy_version as redaction_policy_version,
    record_key
from turns
