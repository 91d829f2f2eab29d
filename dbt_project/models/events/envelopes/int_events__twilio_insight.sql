-- One row per event that Voice Insights states: warnings of the events, tags of the summaries.
{{ config(materialized='scratch_view') }}
with

-- Every edge of a leg reports the same warning: the one nearest the carrier speaks for the leg.
insights as (
    select
        event.*,
        case
            when known.value is null then 'provider.unrecognised'
            -- Call progress is told by the call itself; without it, the insights stand in.
            when known.event_type is null and leg.call_sid is null then 'call.progress'
            else known.event_type
        end as insight_type,
        row_number() over (
            partition by event.call_sid, event.event_group, event.event_name, event.occurred_at,
            event.provider_sequence
            order by
                case event.edge when 'carrier_edge' then 0 when 'sip_edge' then 1 else 2 end,
                event.record_key
        ) as edge_rank
    from {{ staged('stg_twilio__call_event') }} as event
    left join {{ ref('provider_value') }} as known
        on
            coalesce(event.event_group, '') || '/' || coalesce(event.event_name, '') = known.value
            and known.provider = 'twilio'
            and known.stream = 'events'
    left join {{ staged('int_events__twilio_leg') }} as leg on event.call_sid = leg.call_sid
),

-- A tag of the summary repeats, without a time, what the insights saw: it stands in for them.
tags as (
    {{ unnested(
        staged('int_events__twilio_leg'),
        'tags',
        'call_sid, summary_record_id as record_id, summary_record_key as record_key, '
        ~ 'summary_landing_object as landing_object, policy_version, redaction_state, landed_at, '
        ~ 'created_at, ended_at, packet_loss_pct, jitter_avg_ms'
    ) }}
),

tag_events as (
    select
        tags.*,
        known.event_type as tag_type
    from tags
    inner join {{ ref('provider_value') }} as known
        on tags.item = known.value and known.provider = 'twilio' and known.field = 'tag'
    where known.event_type is not null
),

seen as (
    select distinct
        call_sid,
        event_name
    from insights
),

unseen_tags as (
    select tag_events.*
    from tag_events
    left join seen
        on
            tag_events.call_sid = seen.call_sid
            and replace(tag_events.item, '_', '-') = seen.event_name
    where seen.call_sid is null
)

select
    {{ event_columns(
        'twilio.summaries', 'telephony', '(tag_type)', 'coalesce(ended_at, created_at)', 1000,
        discriminator='item', details=[('condition', 'item'), 'packet_loss_pct', 'jitter_avg_ms'],
        call_sid='call_sid'
    ) }}
from unseen_tags
union all
select
    {{ event_columns(
        'twilio.events', 'telephony', '(insight_type)', 'occurred_at', 1000,
        sequence='provider_sequence', severity="case when level = 'ERROR' then 'error' end",
        details=[
            ('condition', 'event_name'), ('group', 'event_group'), 'edge', 'stt_latency_ms',
            'tts_latency_ms', 'error_code', 'interrupt_type'
        ], call_sid='call_sid'
    ) }}
from insights
where insight_type is not null and edge_rank = 1
