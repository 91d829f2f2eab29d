{#- Statistics over a group. -#}

{#- The quantile of a number, interpolated; nulls are left out. -#}
{% macro quantile(column, share) -%}
    {{ return(adapter.dispatch('quantile')(column, share)) }}
{%- endmacro %}

{% macro duckdb__quantile(column, share) -%}
    quantile_cont({{ column }}, {{ share }})
{%- endmacro %}

{#- The value of `column` in the row with the greatest `key`; rows with a null key do not count. -#}
{% macro max_by(column, key) -%}
    {{ return(adapter.dispatch('max_by')(column, key)) }}
{%- endmacro %}

{% macro duckdb__max_by(column, key) -%}
    arg_max({{ column }}, {{ key }})
{%- endmacro %}

{#- Milliseconds from one instant to another; null if either is missing. -#}
{% macro ms_between(from_column, to_column) -%}
    {{ return(adapter.dispatch('ms_between')(from_column, to_column)) }}
{%- endmacro %}

{% macro duckdb__ms_between(from_column, to_column) -%}
    ((epoch_us({{ to_column }}) - epoch_us({{ from_column }})) / 1000.0)
{%- endmacro %}

{#- An instant moved by so many milliseconds. -#}
{% macro add_ms(column, ms) -%}
    {{ return(adapter.dispatch('add_ms')(column, ms)) }}
{%- endmacro %}

{% macro duckdb__add_ms(column, ms) -%}
    make_timestamp(epoch_us({{ column }}) + cast(round(({{ ms }}) * 1000) as bigint))
{%- endmacro %}

{#-
    A key for min_by and max_by that leaves no tie to chance: the first column decides, the others
    break ties. Null where the first column is null.
-#}
{% macro sort_key(columns) -%}
    {{ return(adapter.dispatch('sort_key')(columns)) }}
{%- endmacro %}

{% macro duckdb__sort_key(columns) -%}
    case when {{ columns[0] }} is not null then row({{ columns | join(', ') }}) end
{%- endmacro %}

{#- How many whole times one whole number goes into another. -#}
{% macro whole_times(divisor, number) -%}
    {{ return(adapter.dispatch('whole_times')(divisor, number)) }}
{%- endmacro %}

{% macro duckdb__whole_times(divisor, number) -%}
    (({{ number }}) // ({{ divisor }}))
{%- endmacro %}
