-- One row per pair of events of two systems that must coincide: how far the first clock is ahead.
-- A clock that shows whole units is read in the middle of its unit.
{{ stored_by('scope') }}
-- after {{ after('scope_touched') }}
with

legs as (
    select * from {{ ref('int_events__twilio_leg') }}
),

sip_hooks as (
    select * from {{ ref('stg_livekit__webhook') }}
    where participant_kind = 'SIP' and twilio_call_sid is not null
),

flow_transfers as (
    select
        contact.twilio_call_sid,
        max(log.occurred_at) as transferred_at
    from {{ ref('stg_amazon_connect__flow_log') }} as log
    inner join {{ ref('stg_amazon_connect__contact_record') }} as contact
        on log.contact_id = contact.contact_id
    where
        log.module_type = 'Transfer'
        and contact.twilio_call_sid is not null
        and coalesce({{ json_text('log.parameters', 'TransferType') }}, '') != 'Queue'
    group by contact.twilio_call_sid
),

-- Models number their tool calls from one again in every session: the trace's session decides.
tool_items as (
    {{ unnested(ref('stg_livekit__session_report'), 'chat_items', 'job_id') }}
),

trace_jobs as (
    select
        trace_id,
        min(job_id) as job_id
    from {{ ref('stg_otlp__span') }}
    where job_id is not null
    group by trace_id
    having min(job_id) = max(job_id)
),

pairs as (
    -- LiveKit's SIP participant joins while the call still rings: less exact than the end of it.
    select
        'agent' as source_system,
        'telephony' as reference_system,
        'answered_joined' as pair_kind,
        2 as preference,
        hook.record_id as pair_id,
        {{ clock_reading('hook.participant_joined_at', '1') }} as read_at,
        {{ clock_reading('legs.answered_at', '1000') }} as reference_at,
        1000 as resolution_ms
    from sip_hooks as hook
    inner join legs on hook.twilio_call_sid = legs.call_sid
    where hook.event_name = 'participant_joined'
    union all
    -- Twilio disconnected, LiveKit's SIP participant left.
    select
        'agent' as source_system,
        'telephony' as reference_system,
        'disconnected_left' as pair_kind,
        1 as preference,
        hook.record_id as pair_id,
        {{ clock_reading('hook.created_at', '1000') }} as read_at,
        {{ clock_reading('legs.ended_at', '1000') }} as reference_at,
        1000 as resolution_ms
    from sip_hooks as hook
    inner join legs on hook.twilio_call_sid = legs.call_sid
    where hook.event_name = 'participant_left'
    union all
    -- Connect transferred the contact, Twilio's leg began.
    select
        'ivr' as source_system,
        'telephony' as reference_system,
        'transferred_initiated' as pair_kind,
        1 as preference,
        legs.record_id as pair_id,
        {{ clock_reading('flow_transfers.transferred_at', '1') }} as read_at,
        {{ clock_reading('legs.created_at', '1000') }} as reference_at,
        1000 as resolution_ms
    from flow_transfers
    inner join legs on flow_transfers.twilio_call_sid = legs.call_sid
    union all
    -- The same tool call in the trace and in the session report.
    select
        'trace' as source_system,
        'agent' as reference_system,
        'tool_call' as pair_kind,
        1 as preference,
        span.record_id as pair_id,
        {{ clock_reading('span.started_at', '1') }} as read_at,
        {{ clock_reading(utc_from_epoch_seconds('tool_items.item.created_at'), '1') }}
            as reference_at,
        1 as resolution_ms
    from {{ ref('int_events__agent_span') }} as span
    inner join trace_jobs on span.trace_id = trace_jobs.trace_id
    inner join tool_items
        on
            trace_jobs.job_id = tool_items.job_id
            and span.function_call_id = tool_items.item.call_id
            and tool_items.item.type = 'function_call'
    where span.span_role = 'tool'
)

select
    *,
    cast(reference_at as date) as reference_date,
    {{ ms_between('reference_at', 'read_at') }} as offset_ms
from pairs
where read_at is not null and reference_at is not null
