{#- The columns that every staging model has: what the redaction step wrote beside the record. -#}
{% macro record_columns() -%}
    record_id,
    record_key,
    record_hash,
    landing_object,
    landing_line,
    part,
    dt,
    redaction_state,
    redaction_classes,
    policy_version,
    landed_at,
    first_landed_at
{%- endmacro %}

{#- What the redaction step writes beside the text of a turn. -#}
{% macro turn_redaction_fields() -%}
    {{ return({
        'state': 'VARCHAR', 'classes': ['VARCHAR'], 'strict': 'VARCHAR',
        'candidates': [{'start': 'BIGINT', 'end': 'BIGINT', 'token': 'VARCHAR'}]
    }) }}
{%- endmacro %}
