-- Turns and their events come from the same model: a pointer to nowhere is a lost turn (S0-97).
{{ config(meta={'dagster': {'ref': {'name': 'call_turn'}}}) }}
with

pointers as (
    select {{ json_text('payload', 'turn_id') }} as turn_id
    from {{ ref('call_event') }}
    where
        event_type in ('transcript.user_turn_final', 'transcript.agent_turn_final')
        and stream in ('session_reports', 'contact_lens')
)

select coalesce(pointers.turn_id, turns.turn_id) as turn_id
from pointers
full outer join {{ ref('call_turn') }} as turns on pointers.turn_id = turns.turn_id
where pointers.turn_id is null or turns.turn_id is null
