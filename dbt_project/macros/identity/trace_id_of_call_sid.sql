{#-
    The trace ID of an application that roots its trace in the Twilio call: the first 16 bytes of
    SHA-256 over the Call SID, in hex (S4-12). A derived alias; the Call SID is never a key.
-#}
{% macro trace_id_of_call_sid(column) -%}
    substr({{ sha256_hex(column) }}, 1, 32)
{%- endmacro %}
