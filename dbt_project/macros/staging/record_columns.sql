{#-
    The columns that the redaction step wrote beside every record, the same in every staging model.
    `from_source` is true where the redacted zone is read and false further down.
-#}
{% macro record_columns(from_source=false) -%}
    {%- if from_source -%}
    provider || '.' || stream || ':' || record_key as record_id,
    {%- else -%}
    record_id,
    {%- endif %}
    record_key,
    record_hash,
    landing_object,
    landing_line,
    part,
    dt,
    redaction_state,
    redaction_classes,
    policy_version,
    {% if from_source %}{{ utc_from_instant('landed_at') }} as landed_at{% else %}landed_at{% endif %}
{%- endmacro %}
