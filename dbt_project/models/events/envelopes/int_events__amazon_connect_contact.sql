-- One row per event that a contact record states.
{{ config(materialized='scratch_view') }}
{% set contact_records = 'amazon_connect.contact_records' %}
{% set leg = ['contact_id', 'initiation_method', 'queue_name'] %}
with

external_transfers as (
    select distinct contact_id
    from {{ staged('stg_amazon_connect__flow_log') }}
    where
        module_type = 'Transfer'
        and coalesce({{ json_text('parameters', 'TransferType') }}, '') != 'Queue'
),

contacts as (
    select
        contact.*,
        -- An unknown initiation method began a call all the same; int_events__drift counts it.
        case when method.value is null then 'call.initiated' else method.event_type end as began_as,
        external_transfers.contact_id is not null as is_transfer_logged,
        coalesce({{ list_size('contact.agent_quality_issues') }}, 0)
        + coalesce({{ list_size('contact.customer_quality_issues') }}, 0) as quality_issue_count,
        contact.next_contact_id is null as is_last_leg
    from {{ staged('stg_amazon_connect__contact_record') }} as contact
    left join {{ ref('provider_value') }} as method
        on
            contact.initiation_method = method.value
            and method.provider = 'amazon_connect'
            and method.field = 'initiation_method'
    left join external_transfers on contact.contact_id = external_transfers.contact_id
),

begun as (
    select
        {{ event_columns(
            contact_records, 'ivr', '(began_as)', 'initiated_at', 1000,
            details=leg + ['previous_contact_id', 'campaign'],
            contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
),

answered as (
    select
        {{ event_columns(
            contact_records, 'ivr', 'call.answered', 'connected_to_system_at', 1000,
            details=leg, contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
    where began_as = 'call.initiated' and connected_to_system_at is not null
),

-- The flow log owns the transfer; where logging was off, the contact record stands in.
transferred as (
    select
        {{ event_columns(
            contact_records, 'ivr', 'ivr.transferred', 'transfer_completed_at', 1000,
            discriminator="'external'",
            details=[
                'contact_id', ('transfer_type', 'transferred_to_type'),
                ('destination', 'transferred_to_token'), ('transfer_reason', 'handoff_reason')
            ],
            contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
    where transferred_to_type is not null and not is_transfer_logged
),

escalated as (
    select
        {{ event_columns(
            contact_records, 'ivr', 'call.escalated', 'connected_to_agent_at', 1000,
            details=leg + ['queue_duration_ms', ('transfer_reason', 'handoff_reason')],
            contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
    where connected_to_agent_at is not null
),

degraded as (
    select
        {{ event_columns(
            contact_records, 'ivr', 'call.media_quality_changed',
            'coalesce(disconnected_at, last_updated_at)', 1000,
            details=[
                'contact_id', 'agent_quality_issues', 'customer_quality_issues',
                'agent_quality_score', 'customer_quality_score'
            ],
            contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
    where quality_issue_count > 0
),

disconnected as (
    select
        {{ event_columns(
            contact_records, 'ivr', 'call.disconnected', 'disconnected_at', 1000,
            severity="case when disconnect_reason = 'TELECOM_PROBLEM' then 'warning' end",
            details=[
                'contact_id', 'disconnect_reason', 'potential_disconnect_issue', 'is_last_leg',
                'recording_status'
            ],
            contact='contact_id', call_sid='twilio_call_sid'
        ) }}
    from contacts
    where disconnected_at is not null
)

{% for events in ['begun', 'answered', 'transferred', 'escalated', 'degraded', 'disconnected'] %}
select * from {{ events }}
{{ 'union all' if not loop.last }}
{% endfor %}
