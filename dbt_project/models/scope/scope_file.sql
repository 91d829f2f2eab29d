-- One row per object that holds a version of a record of scope_record_key, and is still there.
-- after {{ after('scope_object') }}
with

received as (
    select * from {{ ref('stg_landing__received') }}
    {% if is_partial() %}
    union all
    select * from {{ whole('stg_landing__received') }}
    {% endif %}
),

gone as (
    select landing.landing_object
    from {{ whole('stg_landing__object') }} as landing
    inner join {{ ref('scope_object') }} as files
        on landing.sidecar_file = files.file_name and files.is_gone
)

select distinct
    received.provider,
    received.stream,
    received.landing_object,
    {{ object_file() | replace('landing_object', 'received.landing_object') }} as file
from received
inner join {{ ref('scope_record_key') }} as touched
    on
        received.provider = touched.provider
        and received.stream = touched.stream
        and received.record_key = touched.record_key
where received.landing_object not in (select landing_object from gone)
