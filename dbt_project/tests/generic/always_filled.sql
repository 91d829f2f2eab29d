{#- None of the given columns is ever null. One pass over the rows, however many columns. -#}
{% test always_filled(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
