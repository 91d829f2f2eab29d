-- One row per record of which this run has a new version, or has lost one.
-- after {{ after('stg_landing__object') }}
-- after {{ after('scope_object') }}
with

touched as (
    select * from {{ ref('stg_landing__received') }}
    {% if is_partial() %}
    union all
    select received.*
    from {{ whole('stg_landing__received') }} as received
    inner join {{ whole('stg_landing__object') }} as landing
        on received.landing_object = landing.landing_object
    inner join {{ ref('scope_object') }} as files
        on landing.sidecar_file = files.file_name and files.is_gone
    {% else %}
    where false
    {% endif %}
)

select distinct
    provider,
    stream,
    record_key,
    provider || '.' || stream || ':' || record_key as record_base,
    case
        {% for provider, stream, model in staged_streams() %}
        when provider = '{{ provider }}' and stream = '{{ stream }}' then '{{ model }}'
        {% endfor %}
    end as model_name
from touched
