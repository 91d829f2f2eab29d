-- One row per executed flow block.
{{ stored_by('staged') }}
{% set fields = {
    'ContactId': 'VARCHAR', 'ContactFlowId': 'VARCHAR', 'ContactFlowName': 'VARCHAR',
    'ContactFlowModuleType': 'VARCHAR', 'Identifier': 'VARCHAR', 'Timestamp': 'VARCHAR',
    'Parameters': 'JSON', 'Results': 'VARCHAR', 'ExternalResults': 'JSON'
} %}
with

newest as (
    {{ newest_records('amazon_connect', 'flow_logs') }}
),

parsed as (
    select
        {{ record_columns() }},
        {{ parse_record(with_key_case('record', fields.keys() | list), fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        cast(null as bigint) as source_version,
        -- ids
        r.ContactId as contact_id,
        r.ContactFlowId as flow_id,
        r.Identifier as block_id,
        -- attributes
        r.ContactFlowName as flow_name,
        r.ContactFlowModuleType as module_type,
        {{ json_text('r.Parameters', 'Text') }} as prompt_text,
        r.Results as result,
        cast(r.Parameters as varchar) as parameters,
        cast(r.ExternalResults as varchar) as external_results,
        -- timestamps
        {{ utc_from_iso('r.Timestamp') }} as occurred_at
    from parsed
)

select * from renamed
