-- One row per event and call, of all providers, in order on the call's one timeline.
{% set carried = [
    'record_id', 'record_key', 'provider', 'stream', 'source_system', 'event_type', 'occurred_at',
    'occurred_at_resolution_ms', 'provider_sequence', 'payload', 'redaction_state',
    'contains_sensitive_input', 'policy_version', 'landing_object', 'current_contact_id',
    'twilio_call_sid', 'agent_session_id', 'otel_trace_id'
] %}
with

events as (
    {% for provider in var('providers') %}
    select * from {{ ref('int_events__' ~ provider) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A ticket is told on every call it names: such an event has an ID of its own on each.
resolved as (
    select
        {% for column in carried %}events.{{ column }},
        {% endfor %}
        link.canonical_call_id,
        case
            when events.source_system = 'crm' and link.canonical_call_id is not null
                then {{ sha256_hex("events.event_id || '|' || link.canonical_call_id") }}
            else events.event_id
        end as event_id,
        coalesce(events.severity, event_type.default_severity, 'info') as severity,
        coalesce(event_type.causal_rank, 90) as causal_rank,
        coalesce(clock.clock_offset_ms, 0) as clock_offset_ms
    from events
    left join {{ ref('int_identity__record_call') }} as link
        on events.record_id = link.record_id
    left join {{ ref('event_type') }} as event_type
        on events.event_type = event_type.event_type
    left join {{ whole('int_events__clock_offset') }} as clock
        on
            events.source_system = clock.source_system
            and cast(events.occurred_at as date) = clock.reference_date
),

aligned as (
    select
        *,
        case
            when clock_offset_ms = 0 then occurred_at
            else {{ add_ms('occurred_at', '-clock_offset_ms') }}
        end as aligned_at
    from resolved
),

-- Copies of an event are neighbours, and share their position. Both windows share one sort.
numbered as (
    select
        *,
        dense_rank() over (
            partition by canonical_call_id
            order by aligned_at, causal_rank, provider_sequence nulls last, event_id
        ) as call_position,
        lag(event_id) over (
            partition by canonical_call_id
            order by
                aligned_at, causal_rank, provider_sequence nulls last, event_id,
                landing_object, record_id
        ) as event_before
    from aligned
)

-- Every event comes once, whatever was delivered twice.
select
    {{ carried | join(',\n    ') }},
    canonical_call_id,
    event_id,
    severity,
    causal_rank,
    clock_offset_ms,
    aligned_at,
    case when canonical_call_id is not null then call_position end as sequence_number
from numbered
where event_before is null or event_before != event_id
