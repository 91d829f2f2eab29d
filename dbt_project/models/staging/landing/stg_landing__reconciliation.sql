-- One row per landing object: received = staged + superseded + rejected, counted in landing lines.
-- after {{ after('scope_file') }}
-- after {{ after('stg_landing__object') }}
{{ stored_by('landing_object') }}
-- after {{ after('scope_record') }}
with

-- In a partial run the objects that are new, or hold a version of a record that changed.
received as (
    select * from {{ whole('stg_landing__received') }}
    {% if is_partial() %}
    where
        landing_object in (
            select landing_object from {{ ref('scope_file') }}
            union all
            select landing_object from {{ ref('stg_landing__object') }}
        )
    {% endif %}
),

-- Every redacted row beside the staged row, if any, that came from the very same line.
-- It is superseded only if another version of its record key is staged: nothing is inferred by
-- subtraction.
{% for provider, stream, model in staged_streams() %}
{{ model }}_lines as (
    select
        received.landing_object,
        received.landing_line,
        bool_or(
            staged.landing_object = received.landing_object
            and staged.landing_line = received.landing_line
        ) as is_staged,
        bool_and(staged.record_key is not null) as is_accounted
    from received
    left join {{ whole(model) }} as staged
        on received.record_key = staged.record_key
    where received.provider = '{{ provider }}' and received.stream = '{{ stream }}'
    group by received.landing_object, received.landing_line
),
{% endfor %}

lines as (
    {% for provider, stream, model in staged_streams() %}
    select * from {{ model }}_lines
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

line_counts as (
    select
        landing_object,
        sum(case when is_staged then 1 else 0 end) as staged_count,
        sum(case when not is_staged and is_accounted then 1 else 0 end) as superseded_count
    from lines
    group by landing_object
),

reject_counts as (
    select
        landing_object,
        count(*) as rejected_count
    from {{ whole('stg_landing__reject') }}
    where rejected_by = 'redaction'
    group by landing_object
),

reconciled as (
    select
        landing.landing_object,
        landing.provider,
        landing.stream,
        landing.dt,
        landing.received_count,
        cast(coalesce(line_counts.staged_count, 0) as bigint) as staged_count,
        cast(coalesce(line_counts.superseded_count, 0) as bigint) as superseded_count,
        coalesce(reject_counts.rejected_count, 0) as rejected_count
    from {{ whole('stg_landing__object') }} as landing
    left join line_counts on landing.landing_object = line_counts.landing_object
    left join reject_counts on landing.landing_object = reject_counts.landing_object
    {% if is_partial() %}
    where
        landing.landing_object in (
            select landing_object from {{ ref('scope_file') }}
            union all
            select landing_object from {{ ref('stg_landing__object') }}
        )
    {% endif %}
)

select
    *,
    received_count - staged_count - superseded_count - rejected_count as unaccounted_count
from reconciled
