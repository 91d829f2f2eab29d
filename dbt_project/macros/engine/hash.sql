{#- How this engine hashes and writes numbers in base 32. -#}

{#- SHA-256 of a text, 64 lower-case hex digits. -#}
{% macro sha256_hex(column) -%}
    {{ return(adapter.dispatch('sha256_hex')(column)) }}
{%- endmacro %}

{% macro duckdb__sha256_hex(column) -%}
    sha256({{ column }})
{%- endmacro %}

{#- A non-negative number in Crockford's base 32 (no I, L, O, U), padded to `digits`. -#}
{% macro crockford32(number, digits) -%}
    {{ return(adapter.dispatch('crockford32')(number, digits)) }}
{%- endmacro %}

{% macro duckdb__crockford32(number, digits) -%}
    translate(to_base({{ number }}, 32, {{ digits }}), 'IJKLMNOPQRSTUV', 'JKMNPQRSTVWXYZ')
{%- endmacro %}

{#- Up to fifteen hex digits as a number. -#}
{% macro hex_to_number(column) -%}
    {{ return(adapter.dispatch('hex_to_number')(column)) }}
{%- endmacro %}

{% macro duckdb__hex_to_number(column) -%}
    cast('0x' || {{ column }} as bigint)
{%- endmacro %}

{#-
    A ULID: 48 bits of milliseconds since 1970 and 80 bits of a hash, 26 characters.
    `hash_hex` is a hex digest of which the first 80 bits are used. A missing time counts as
    1970.
-#}
{% macro ulid(instant, hash_hex) -%}
    {{ crockford32('greatest(coalesce(' ~ epoch_ms(instant) ~ ', 0), 0)', 10) }}
    || {{ crockford32(hex_to_number('substr(' ~ hash_hex ~ ', 1, 10)'), 8) }}
    || {{ crockford32(hex_to_number('substr(' ~ hash_hex ~ ', 11, 10)'), 8) }}
{%- endmacro %}
