-- One row per redacted row: which versions of which record lie where.
{{ stored_by('scope') }}
{% for provider, stream, model in staged_streams() %}
select
    provider,
    stream,
    record_key,
    landing_object,
    landing_line,
    part
from {{ landed_anew(provider, stream) }}
{{ 'union all' if not loop.last }}
{% endfor %}
