-- One row per event that LiveKit states: webhooks and agent session reports.
{{ config(materialized='scratch_view') }}
with

hooks as (
    select
        *,
        -- A participant's event means something else for a caller than for an agent.
        event_name || case
            when event_name like 'participant_%' then coalesce('/' || participant_kind, '') else ''
        end as hook_name,
        case event_name
            when 'participant_joined' then participant_joined_at
            when 'egress_started' then egress_started_at
            when 'egress_ended' then egress_ended_at
            when 'room_started' then room_created_at
        end as exact_at
    from {{ staged('stg_livekit__webhook') }}
),

typed_hooks as (
    select
        hooks.*,
        case when known.value is null then 'provider.unrecognised' else known.event_type end
            as hook_type,
        coalesce(exact_at, created_at, room_created_at) as hook_at,
        -- Older servers give whole seconds only.
        case
            when exact_at is null or exact_at = date_trunc('second', exact_at) then 1000 else 1
        end as hook_resolution_ms
    from hooks
    left join {{ ref('provider_value') }} as known
        on
            hooks.hook_name = known.value
            and known.provider = 'livekit'
            and known.field = 'event'
            and known.stream = 'webhooks'
)

select
    {{ event_columns(
        'livekit.webhooks', 'agent', '(hook_type)', 'hook_at', 'hook_resolution_ms',
        details=[
            'room_sid', 'participant_kind', 'participant_sid', 'disconnect_reason', 'track_sid',
            'egress_id', 'egress_status', ('recording_location', 'egress_location'), 'job_status',
            'agent_id', 'prompt_version',
            ('name', "case when hook_type = 'provider.unrecognised' then event_name end")
        ],
        contact='connect_contact_id', call_sid='twilio_call_sid', session='job_id', trace='trace_id'
    ) }}
from typed_hooks
where hook_type is not null
union all
select * from {{ ref('int_events__livekit_session') }}
