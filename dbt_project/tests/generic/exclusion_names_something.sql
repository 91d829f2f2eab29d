{#- An exclusion names an alias with its namespace, a record, or both. -#}
{% test exclusion_names_something(model) %}
select *
from {{ model }}
where
    (record_id is null and alias_value is null)
    or (namespace is null) != (alias_value is null)
{% endtest %}
