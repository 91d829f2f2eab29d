-- One row per alias that an Amazon Connect record states. A contact record states its whole chain.
{{ config(materialized='scratch_view') }}
{% set contact_role = "case when coalesce(initial_contact_id, contact_id) = contact_id
            and previous_contact_id is null then 'root' else 'current' end" %}
{{ alias_rows(
    'stg_amazon_connect__contact_record', 'amazon_connect', 'contact_records',
    'initiated_at', 'disconnected_at', [
        ('connect_contact_id', 'contact_id', contact_role, 1),
        ('connect_contact_id', 'initial_contact_id', 'initial', 2),
        ('connect_contact_id', 'previous_contact_id', 'previous', 2),
        ('connect_contact_id', 'next_contact_id', 'next', 2),
        ('connect_related_contact_id', 'related_contact_id', 'related', 3),
        ('canonical_call_id', 'minted_call_id', 'minted', 2),
        ('twilio_call_sid', 'twilio_call_sid', 'attribute', 2),
        ('connect_recording_location', 'recording_location', 'recording', 2),
        ('caller_token', 'caller_token', 'customer_endpoint', 3),
    ]
) }}
union all
{{ alias_rows(
    'stg_amazon_connect__flow_log', 'amazon_connect', 'flow_logs',
    'occurred_at', 'occurred_at', [('connect_contact_id', 'contact_id', 'current', 1)]
) }}
union all
{{ alias_rows(
    'stg_amazon_connect__contact_lens', 'amazon_connect', 'contact_lens',
    'first_analysed_at', 'first_analysed_at', [('connect_contact_id', 'contact_id', 'current', 1)]
) }}
