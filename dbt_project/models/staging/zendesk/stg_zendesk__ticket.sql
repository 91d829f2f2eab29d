-- One row per ticket: the version with the newest generated_timestamp.
{{ stored_by('staged') }}
{% set fields = {
    '_known': ['VARCHAR'], 'id': 'VARCHAR', 'external_id': 'VARCHAR', 'status': 'VARCHAR', 'priority': 'VARCHAR',
    'type': 'VARCHAR', 'subject': 'VARCHAR', 'group_id': 'VARCHAR', 'assignee_id': 'VARCHAR',
    'tags': ['VARCHAR'], 'custom_fields': [{'id': 'VARCHAR', 'value': 'VARCHAR'}],
    'satisfaction_rating': {'score': 'VARCHAR'}, 'via': {'channel': 'VARCHAR', 'source': {'from': {'phone': 'VARCHAR'}}},
    'created_at': 'VARCHAR', 'updated_at': 'VARCHAR', 'generated_timestamp': 'VARCHAR'
} %}
with

newest as (
    {{ newest_records(
        'zendesk', 'tickets',
        version=utc_from_epoch_seconds(json_text('record', 'generated_timestamp'))
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        {{ parse_record('record', fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        {{ epoch_us(utc_from_epoch_seconds('r.generated_timestamp')) }} as source_version,
        -- ids
        r.id as ticket_id,
        nullif(r.external_id, '') as external_id,
        {{ text_list(zendesk_custom_field('zendesk_call_ids_field')) }} as call_references,
        r.group_id as group_id,
        r.assignee_id as assignee_id,
        -- attributes
        lower(r.status) as status,
        r._known as known_name_tokens,
        r.priority as priority,
        r.type as ticket_type,
        r.subject as subject,
        r.tags as tags,
        r.via.channel as via_channel,
        r.via.source."from".phone as caller_token,
        {{ zendesk_custom_field('zendesk_disposition_field') }} as disposition,
        {{ zendesk_custom_field('zendesk_customer_reference_field') }} as customer_reference,
        r.satisfaction_rating.score as satisfaction_score,
        -- timestamps
        {{ utc_from_iso('r.created_at') }} as created_at,
        {{ utc_from_iso('r.updated_at') }} as updated_at,
        {{ utc_from_epoch_seconds('r.generated_timestamp') }} as generated_at
    from parsed
)

select * from renamed
