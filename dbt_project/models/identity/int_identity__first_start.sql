-- One row per record that came more than once, with the start that its first version stated.
{% set models = [
    'stg_amazon_connect__contact_record', 'stg_amazon_connect__contact_lens',
    'stg_livekit__session_report', 'stg_twilio__call_summary'
] %}
{% for model in models %}
select
    record_id,
    first_started_at
from {{ staged(model) }}
where first_started_at is not null
{{ 'union all' if not loop.last }}
{% endfor %}
