{#-
    How this engine reads instants. Every macro yields a TIMESTAMP in UTC, or null for what is
    not an instant, so that one odd value cannot fail a run.
-#}

{#- A timestamp with time zone as a plain UTC timestamp. -#}
{% macro utc_from_instant(column) -%}
    {{ return(adapter.dispatch('utc_from_instant')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_instant(column) -%}
    ({{ column }} at time zone 'UTC')
{%- endmacro %}

{#- ISO 8601 text; without an offset it is taken as UTC. -#}
{% macro utc_from_iso(column) -%}
    {{ return(adapter.dispatch('utc_from_iso')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_iso(column) -%}
    (try_cast({{ column }} as timestamptz) at time zone 'UTC')
{%- endmacro %}

{#-
    RFC 2822 text, as Twilio's REST API writes it. The offset is applied: a vendor example
    says +0100 although the field is documented as GMT.
-#}
{% macro utc_from_rfc2822(column) -%}
    {{ return(adapter.dispatch('utc_from_rfc2822')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_rfc2822(column) -%}
    (
        try_strptime(
            {{ column }},
            [
                '%a, %d %b %Y %H:%M:%S %z', '%d %b %Y %H:%M:%S %z', '%a, %d %b %Y %H:%M:%S %Z'
            ]
        ) at time zone 'UTC'
    )
{%- endmacro %}

{#-
    Unix seconds, whole or fractional, as text or number; out of range (year 1970 to 9999) is
    null.
-#}
{% macro utc_from_epoch_seconds(column) -%}
    {{ return(adapter.dispatch('utc_from_epoch')(column, 1000000)) }}
{%- endmacro %}

{#- Unix milliseconds. -#}
{% macro utc_from_epoch_ms(column) -%}
    {{ return(adapter.dispatch('utc_from_epoch')(column, 1000)) }}
{%- endmacro %}

{#- Unix nanoseconds, cut to microseconds. -#}
{% macro utc_from_epoch_ns(column) -%}
    {{ return(adapter.dispatch('utc_from_epoch_ns')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_epoch(column, micros) -%}
    make_timestamp(
        case
            when try_cast({{ column }} as double)
            between 1 and {{ 253402300799 * 1000000 // micros }}
            then cast(round(try_cast({{ column }} as double) * {{ micros }}) as bigint)
        end
    )
{%- endmacro %}

{% macro duckdb__utc_from_epoch_ns(column) -%}
    make_timestamp(
        case
            when try_cast({{ column }} as bigint) > 0
            then try_cast({{ column }} as bigint) // 1000
        end
    )
{%- endmacro %}

{#- Microseconds since 1970, the number that orders versions. -#}
{% macro epoch_us(column) -%}
    {{ return(adapter.dispatch('epoch_us')(column)) }}
{%- endmacro %}

{% macro duckdb__epoch_us(column) -%}
    epoch_us({{ column }})
{%- endmacro %}

{#- Milliseconds since 1970 (the time part of a ULID). -#}
{% macro epoch_ms(column) -%}
    {{ return(adapter.dispatch('epoch_ms')(column)) }}
{%- endmacro %}

{% macro duckdb__epoch_ms(column) -%}
    epoch_ms({{ column }})
{%- endmacro %}

{#- The earliest instant (Unix seconds) among field `key` of a list of structs; null if none. -#}
{% macro least_instant_in(column, key) -%}
    {{ return(adapter.dispatch('least_instant_in')(column, key)) }}
{%- endmacro %}

{% macro duckdb__least_instant_in(column, key) -%}
    list_min(
        list_transform({{ column }}, lambda e: {{ utc_from_epoch_seconds('e.' ~ key) }})
    )
{%- endmacro %}

{#- A number of hours as an interval. -#}
{% macro hours(column) -%}
    {{ return(adapter.dispatch('hours')(column)) }}
{%- endmacro %}

{% macro duckdb__hours(column) -%}
    to_hours({{ column }})
{%- endmacro %}

{#- Whole hours since 1970. -#}
{% macro epoch_hours(column) -%}
    {{ whole_times('3600000000', epoch_us(column)) }}
{%- endmacro %}

{#- An instant from microseconds since 1970. -#}
{% macro utc_from_epoch_us(column) -%}
    {{ return(adapter.dispatch('utc_from_epoch_us')(column)) }}
{%- endmacro %}

{% macro duckdb__utc_from_epoch_us(column) -%}
    make_timestamp({{ column }})
{%- endmacro %}

{#- A date moved by so many days. -#}
{% macro add_days(column, days) -%}
    {{ return(adapter.dispatch('add_days')(column, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(column, days) -%}
    ({{ column }} + {{ days }})
{%- endmacro %}
