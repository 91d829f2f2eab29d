-- One row per agent session with a telephone caller, trace, recording without a leg, and ticket.
with

hooks as (
    select
        link.canonical_call_id,
        coalesce(hook.room_sid, hook.job_id) as session_id,
        min(hook.record_id) as record_id,
        min(case when hook.participant_kind = 'SIP' then hook.participant_joined_at end)
            as joined_at,
        max(case when hook.participant_kind = 'SIP' and hook.event_name = 'participant_left'
            then hook.created_at end) as left_at,
        min(coalesce(hook.room_created_at, hook.created_at)) as opened_at,
        max(case when hook.event_name = 'room_finished' then hook.created_at end) as closed_at,
        max(hook.caller_token) as caller_token,
        max(hook.called_token) as called_token,
        max(hook.agent_id) as agent_id,
        bool_or(hook.participant_kind = 'STANDARD') as has_web_caller,
        bool_or(hook.participant_kind = 'SIP') as has_sip_caller
    from {{ staged('stg_livekit__webhook') }} as hook
    inner join {{ ref('int_identity__record_call') }} as link on hook.record_id = link.record_id
    group by link.canonical_call_id, coalesce(hook.room_sid, hook.job_id)
),

reports as (
    select
        link.canonical_call_id,
        coalesce(report.room_sid, report.job_id) as session_id,
        min(report.record_id) as record_id,
        min(coalesce(report.first_event_at, report.first_item_at)) as started_at,
        max(report.reported_at) as ended_at,
        max(report.agent_id) as agent_id,
        max(report.environment) as environment,
        max(report.language) as language
    from {{ staged('stg_livekit__session_report') }} as report
    inner join {{ ref('int_identity__record_call') }} as link on report.record_id = link.record_id
    group by link.canonical_call_id, coalesce(report.room_sid, report.job_id)
),

sessions as (
    select
        coalesce(hooks.record_id, reports.record_id) as record_id,
        coalesce(hooks.canonical_call_id, reports.canonical_call_id) as canonical_call_id,
        coalesce(hooks.joined_at, hooks.opened_at, reports.started_at) as started_at,
        coalesce(hooks.left_at, hooks.closed_at, reports.ended_at) as ended_at,
        hooks.caller_token,
        hooks.called_token,
        reports.environment,
        reports.language,
        coalesce(reports.agent_id, hooks.agent_id) as reason
    from hooks
    full outer join reports
        on
            hooks.canonical_call_id = reports.canonical_call_id
            and hooks.session_id = reports.session_id
    where not coalesce(hooks.has_web_caller and not hooks.has_sip_caller, false)
),

traces as (
    select
        link.canonical_call_id,
        span.trace_id,
        min(span.record_id) as record_id,
        min(span.started_at) as started_at,
        max(span.ended_at) as ended_at,
        max(span.environment) as environment,
        max(span.service_name) as account
    from {{ staged('stg_otlp__span') }} as span
    inner join {{ ref('int_identity__record_call') }} as link on span.record_id = link.record_id
    group by link.canonical_call_id, span.trace_id
),

recordings as (
    select
        recording.*,
        link.canonical_call_id
    from {{ staged('stg_twilio__recording') }} as recording
    inner join {{ ref('int_identity__record_call') }} as link
        on recording.record_id = link.record_id
    left join {{ staged('int_events__twilio_leg') }} as leg
        on recording.call_sid = leg.call_sid
    where leg.call_sid is null
),

-- A ticket that names two calls is of both: it is no example of a ticket and its call.
tickets as (
    select
        ticket.record_id,
        ticket.created_at,
        ticket.disposition,
        ticket.caller_token,
        case when count(*) = 1 then max(link.canonical_call_id) end as canonical_call_id,
        count(link.canonical_call_id) as call_count
    from {{ staged('stg_zendesk__ticket') }} as ticket
    left join {{ ref('int_identity__record_call') }} as link on ticket.record_id = link.record_id
    group by ticket.record_id, ticket.created_at, ticket.disposition, ticket.caller_token
)

{% set sides = {
    'agent': ('sessions', 'livekit', {}),
    'trace': ('traces', 'otlp', {'account': 'account', 'environment': 'environment'}),
    'recording': ('recordings', 'twilio', {'account': 'account_sid',
        'ended_at': add_ms('started_at', 'duration_ms')}),
    'crm': ('tickets', 'zendesk', {'started_at': 'created_at', 'ended_at': 'null',
        'reason': 'disposition', 'caller_token': 'caller_token'}),
} %}
{% for side, (relation, clock, columns) in sides.items() %}
select
    record_id,
    canonical_call_id,
    '{{ side }}' as side,
    '{{ clock }}' as clock_source,
    cast({{ columns.get('account', 'null') }} as varchar) as account,
    {{ columns.get('started_at', 'started_at') }} as started_at,
    cast({{ columns.get('ended_at', 'ended_at') }} as timestamp) as ended_at,
    {% for column in ['caller_token', 'called_token', 'environment', 'direction', 'region',
        'language', 'reason'] -%}
    {% set own = 'null' if side != 'agent' or column in ('direction', 'region') else column -%}
    cast({{ columns.get(column, own) }} as varchar) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ relation }}
{{ 'where call_count < 2' if side == 'crm' }}
{{ 'union all' if not loop.last }}
{% endfor %}
