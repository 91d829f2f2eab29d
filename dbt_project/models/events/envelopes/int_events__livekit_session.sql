-- One row per event that an agent session report states. The report owns turns, tools and
-- interruptions; spans of the same facts stand in only where a session has no report.
{{ config(materialized='scratch_view') }}
with

session_events as (
    select
        event.*,
        case
            when known.value is null then 'provider.unrecognised'
            when event.event_name = 'user_state_changed' and event.new_state = 'away'
                then 'call.silence_detected'
            else known.event_type
        end as report_type
    from {{ staged('stg_livekit__session_event') }} as event
    left join {{ ref('provider_value') }} as known
        on
            event.event_name = known.value
            and known.provider = 'livekit'
            and known.stream = 'session_reports'
            and known.field = 'event'
),

outputs as (
    select
        record_id,
        function_call_id,
        min(created_at) as output_at,
        max(case when is_error then 1 else 0 end) = 1 as has_failed
    from {{ staged('stg_livekit__session_item') }}
    where item_type = 'function_call_output'
    group by record_id, function_call_id
),

items as (
    select
        item.*,
        case item.item_type
            when 'function_call' then 'tool.called'
            when 'function_call_output' then case when item.is_error then 'tool.failed' end
            when 'agent_handoff'
                then case when item.old_agent_id is not null then 'agent.handed_over' end
            when 'message' then null
            when 'agent_config_update' then null
            else 'provider.unrecognised'
        end as reported_as,
        case when outputs.has_failed then 'failed' when outputs.record_id is not null then 'ok' end
            as tool_status,
        case
            when item.item_type = 'function_call'
                then {{ ms_between('item.created_at', 'outputs.output_at') }}
        end as tool_latency_ms
    from {{ staged('stg_livekit__session_item') }} as item
    left join outputs
        on item.record_id = outputs.record_id and item.function_call_id = outputs.function_call_id
),

interruptions as (
    select * from {{ ref('int_events__turn') }}
    where provider = 'livekit' and was_interrupted and speaker = 'agent'
)

{{ turn_events('livekit', 'session_reports', 'agent') }}
union all
select
    {{ event_columns(
        'livekit.session_reports', 'agent', 'playback.interrupted', 'ended_at', 1,
        discriminator='turn_position', sequence='turn_position', details=['turn_id'],
        session='agent_session_id'
    ) }}
from interruptions
union all
select
    {{ event_columns(
        'livekit.session_reports', 'agent', '(reported_as)', 'created_at', 1,
        discriminator='item_index', sequence='item_index',
        details=[
            ('tool_name', 'function_name'), ('tool_call_id', 'function_call_id'),
            ('status', 'tool_status'), ('latency_ms', 'tool_latency_ms'), 'old_agent_id',
            'new_agent_id',
            ('name', "case when reported_as = 'provider.unrecognised' then item_type end")
        ],
        session='job_id'
    ) }}
from items
where reported_as is not null
union all
select
    {{ event_columns(
        'livekit.session_reports', 'agent', '(report_type)', 'created_at', 1,
        discriminator='event_index', sequence='event_index',
        details=['event_name', 'new_state', 'reason', 'event_source'], session='job_id'
    ) }}
from session_events
where report_type is not null
union all
select
    {{ event_columns(
        'livekit.session_reports', 'agent', 'agent.session_reported', 'reported_at', 1,
        details=['room_sid', 'sdk_version', 'agent_id', 'agent_version', 'prompt_version'],
        session='job_id'
    ) }}
from {{ staged('stg_livekit__session_report') }}
