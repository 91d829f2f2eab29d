-- One row per call and canonical role: whether the alias is expected, is there, and if not, why.
{{ config(contract={'enforced': true}) }}
{% set sample_rate = env_var('CALLSTORY_TRACE_SAMPLE_RATE', '1.0') | float %}
with

reasoned as (
    select
        *,
        case
            when is_present then 'present'
            when requirement = 'not_applicable' and is_entry_known then 'not_applicable'
            when has_conflict then 'conflicting'
            when route = 'unknown' then 'unknown'
            when
                requirement != 'not_applicable'
                and (not has_provider_landed or (not has_stream_landed and is_home_there))
                then case when is_past_keeping then 'expired_at_provider' else 'not_landed' end
            when canonical_role = 'agentRoomName' and has_room_span then 'redacted_at_source'
            when canonical_role = 'recordingId' and has_deleted_recording
                then 'expired_at_provider'
            when
                canonical_role in ('traceId', 'traceSpans')
                and lost_at = 'agent->otlp'
                and not keeps_trace
                and {{ sample_rate }} < 1.0
                then 'sampled_out'
            when
                canonical_role = 'recordingId'
                and (has_partial_summary or is_recording_pending or is_contact_unfinished)
                then 'pending'
            when canonical_role = 'sipCallId' and has_partial_summary then 'pending'
            when
                canonical_role in ('recordingId', 'sipCallId', 'crmObjectId') and is_unfinished
                then 'pending'
            when lost_at is not null then 'dropped_at_boundary'
            else 'unknown'
        end as reason
    from {{ ref('int_calls__expected_alias') }}
)

select
    reasoned.canonical_call_id,
    reasoned.call_date,
    reasoned.route,
    reasoned.canonical_role,
    reasoned.requirement,
    reasoned.requirement = 'required' as is_required,
    reasoned.is_present,
    reasoned.reason,
    case when reasoned.reason = 'dropped_at_boundary' then reasoned.lost_at end as boundary,
    setting.setting,
    setting.document as setting_document
from reasoned
left join {{ ref('boundary_setting') }} as setting
    on
        reasoned.lost_at = setting.boundary
        and reasoned.reason = 'dropped_at_boundary'
