-- One row per call that Amazon Connect saw: the way through the IVR, queues and people.
with

flow_transfers as (
    select distinct contact_id
    from {{ staged('stg_amazon_connect__flow_log') }}
    where module_type = 'Transfer'
),

contacts as (
    select
        link.canonical_call_id,
        contact.*,
        flow_transfers.contact_id is not null as is_transferred_in_flow,
        {{ sort_key(['contact.initiated_at', 'contact.contact_id']) }} as began_key
    from {{ staged('stg_amazon_connect__contact_record') }} as contact
    inner join {{ ref('int_identity__record_call') }} as link
        on contact.record_id = link.record_id
    left join flow_transfers on contact.contact_id = flow_transfers.contact_id
),

per_call as (
    select
        canonical_call_id,
        {{ min_by('coalesce(initial_contact_id, contact_id)', 'began_key') }} as initial_contact_id,
        {{ max_by('contact_id', 'began_key') }} as current_contact_id,
        {{ min_by('initiation_method', 'began_key') }} as initiation_method,
        {{ min_by('caller_token', 'began_key') }} as caller_token,
        {{ min_by('called_token', 'began_key') }} as called_token,
        {{ max_by('disconnect_reason', 'began_key') }} as disconnect_reason,
        {{ max_by('queue_name', "case when queue_name is not null then began_key end") }}
            as queue_name,
        max(handoff_reason) as handoff_reason,
        max(campaign) as campaign,
        max(language) as language,
        max(environment) as environment,
        max(region) as region,
        min(recording_location) as recording_location,
        max(case when recording_location is not null and coalesce(recording_status, '') != 'DELETED'
            then 1 else 0 end) = 1 as has_raw_audio,
        sum(
            case
                when
                    initiation_method in ('TRANSFER', 'QUEUE_TRANSFER')
                    and not is_transferred_in_flow
                    then 1
                else 0
            end
        ) as contact_transfer_count,
        max(case when connected_to_agent_at is not null then 1 else 0 end) = 1 as has_person,
        max(case when enqueued_at is not null then 1 else 0 end) = 1 as was_queued
    from contacts
    group by canonical_call_id
),

blocks as (
    select
        link.canonical_call_id,
        log.module_type,
        log.flow_name,
        log.result,
        outcome.meaning,
        log.contact_id || '|' || coalesce(log.flow_id, '') || '|' || coalesce(log.block_id, '')
            as menu_id,
        {{ sort_key(['log.occurred_at', 'log.record_key']) }} as block_key
    from {{ staged('stg_amazon_connect__flow_log') }} as log
    inner join {{ ref('int_identity__record_call') }} as link on log.record_id = link.record_id
    left join {{ ref('ivr_result') }} as outcome
        on log.module_type = outcome.module_type and lower(trim(log.result)) = outcome.result
),

flows as (
    select
        canonical_call_id,
        {{ min_by('flow_name', 'block_key') }} as entry_flow,
        {{ max_by('module_type', 'block_key') }} as last_module_type,
        {{ max_by('result', "case when module_type = 'GetUserInput' and meaning is null
            and result is not null then block_key end") }} as last_menu_option,
        sum(case when module_type = 'GetUserInput' then 1 else 0 end)
        - count(distinct case when module_type = 'GetUserInput' then menu_id end) as retry_count,
        sum(case when meaning = 'timeout' and module_type != 'InvokeExternalResource'
            then 1 else 0 end) as timeout_count,
        sum(case when meaning = 'no_match' then 1 else 0 end) as no_match_count,
        sum(case when module_type = 'Transfer' then 1 else 0 end) as flow_transfer_count,
        max(case when module_type in ('GetUserInput', 'StoreUserInput') and meaning is null
            and result is not null then 1 else 0 end) = 1 as has_caller_input
    from blocks
    group by canonical_call_id
)

select
    coalesce(per_call.canonical_call_id, flows.canonical_call_id) as canonical_call_id,
    {% for column in [
        'initial_contact_id', 'current_contact_id', 'initiation_method', 'caller_token',
        'called_token', 'disconnect_reason', 'queue_name', 'handoff_reason', 'campaign', 'language',
        'environment', 'region', 'recording_location', 'has_raw_audio', 'has_person', 'was_queued'
    ] %}per_call.{{ column }},
    {% endfor -%}
    {% for column in [
        'entry_flow', 'last_module_type', 'last_menu_option', 'retry_count', 'timeout_count',
        'no_match_count', 'has_caller_input'
    ] %}flows.{{ column }},
    {% endfor -%}
    coalesce(per_call.contact_transfer_count, 0) + coalesce(flows.flow_transfer_count, 0)
        as transfer_count,
    -- Self-service ran to its end: the caller chose, nobody took over, the flow hung up.
    coalesce(flows.has_caller_input, false)
    and flows.last_module_type = 'Disconnect'
    and not coalesce(per_call.has_person, false) as is_self_service
from per_call
full outer join flows on per_call.canonical_call_id = flows.canonical_call_id
