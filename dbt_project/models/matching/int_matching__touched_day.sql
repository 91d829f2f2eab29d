-- One row per UTC day whose links this run decides again: those of its sides, as they were and as
-- they are, and the days beside them, since one session more can unmake a link nearby.
-- after {{ after('scope_record') }}
with

days as (
    select side_day from {{ ref('int_matching__own_side') }}
    {% if is_partial() %}
    union
    select side_day
    from {{ stored_table('matching', 'int_matching__side') }}
    where record_id in (select record_id from {{ stored_table('meta', 'scope_pending') }})
    {% endif %}
)

{% for shift in [-1, 0, 1] %}
select cast({{ add_days('side_day', shift) }} as date) as match_day from days
{{ 'union' if not loop.last }}
{% endfor %}
