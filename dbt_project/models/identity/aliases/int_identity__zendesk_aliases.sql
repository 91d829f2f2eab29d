-- One row per alias that a ticket states. Tickets refer to calls and never merge them.
{{ config(materialized='scratch_view') }}
{{ alias_rows('stg_zendesk__ticket', 'zendesk', 'tickets', 'created_at', 'updated_at', [
    ('crm_ticket_id', 'ticket_id', 'ticket', 1),
    ('call_reference', 'external_id', 'external_id', 2),
    ('crm_customer_reference', 'customer_reference', 'customer', 3),
], associating=true) }}
union all
select
    record_id,
    'zendesk' as provider,
    'tickets' as stream,
    record_key,
    first_landed_at as landed_at,
    created_at as started_at,
    updated_at as ended_at,
    'call_reference' as namespace,
    item as alias_value,
    'custom_field' as role,
    2 as alias_rank,
    true as is_associating_record
from (
    {{ unnested(
        ref('stg_zendesk__ticket'),
        'call_references',
        'record_id, record_key, first_landed_at, created_at, updated_at'
    ) }}
) as call_references
