{#-
    Which staging model holds which provider stream: one list for everything that counts
    records.
-#}
{% macro staged_streams() -%}
    {{ return([
        ('amazon_connect', 'contact_records', 'stg_amazon_connect__contact_record'),
        ('amazon_connect', 'flow_logs', 'stg_amazon_connect__flow_log'),
        ('amazon_connect', 'contact_lens', 'stg_amazon_connect__contact_lens'),
        ('livekit', 'webhooks', 'stg_livekit__webhook'),
        ('livekit', 'session_reports', 'stg_livekit__session_report'),
        ('otlp', 'spans', 'stg_otlp__span'),
        ('twilio', 'calls', 'stg_twilio__call'),
        ('twilio', 'recordings', 'stg_twilio__recording'),
        ('twilio', 'summaries', 'stg_twilio__call_summary'),
        ('twilio', 'events', 'stg_twilio__call_event'),
        ('zendesk', 'tickets', 'stg_zendesk__ticket')
    ]) }}
{%- endmacro %}
