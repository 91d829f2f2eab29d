-- One row per landing object: received = staged + superseded + rejected, counted in landing lines.
with

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
    from {{ source(provider, stream) }} as received
    left join {{ ref(model) }} as staged
        on received.record_key = staged.record_key
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
    from {{ ref('stg_landing__reject') }}
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
    from {{ ref('stg_landing__object') }} as landing
    left join line_counts on landing.landing_object = line_counts.landing_object
    left join reject_counts on landing.landing_object = reject_counts.landing_object
)

select
    *,
    received_count - staged_count - superseded_count - rejected_count as unaccounted_count
from reconciled
