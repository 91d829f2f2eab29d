{#-
    Columns that are never null, and lists of columns that each identify a row (null is a value).

    One test a model, not one a column: dbt and Dagster pay for every test, however small its query.
    A failing row says which rule is broken and how often.
-#}
{% test well_formed(model, filled=[], keys=[]) %}
{%- if filled %}
select
    case
        {%- for column in filled %}
        when {{ column }} is null then 'null: {{ column }}'
        {%- endfor %}
    end as broken_rule,
    count(*) as failing_rows
from {{ model }}
where {{ filled | join(' is null or ') }} is null
group by 1
{%- endif %}
{%- for key in keys %}
{%- if filled or not loop.first %}
union all
{%- endif %}
select 'several rows: {{ key | join(", ") }}' as broken_rule, sum(found.times) as failing_rows
from (
    select count(*) as times
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
) as found
having sum(found.times) > 0
{%- endfor %}
{% endtest %}
