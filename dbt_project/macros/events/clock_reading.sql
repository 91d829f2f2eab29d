{#- What a clock that cuts to `resolution_ms` most likely meant: the middle of the unit it shows. -#}
{% macro clock_reading(column, resolution_ms) -%}
    {{ add_ms(column, resolution_ms ~ ' / 2.0') }}
{%- endmacro %}
