{#- What a clock that cuts to `resolution_ms` most likely meant: the middle of its unit. -#}
{% macro clock_reading(column, resolution_ms) -%}
    {{ add_ms(column, resolution_ms ~ ' / 2.0') }}
{%- endmacro %}
