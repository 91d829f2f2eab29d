{#-
    The value of a ticket's custom field, whose ID is the dbt variable `var_name` (IDs differ
    per account).
-#}
{% macro zendesk_custom_field(var_name) -%}
    {{ list_lookup('r.custom_fields', 'id', "'" ~ (var(var_name) | int) ~ "'", 'value') }}
{%- endmacro %}
