-- One row per route, canonical role and day on which a stream that states the role landed.
-- after {{ after('scope_record') }}
select distinct
    source.route,
    source.canonical_role,
    landing.dt
from {{ ref('role_source') }} as source
inner join {{ whole('stg_landing__object') }} as landing
    on source.provider = landing.provider and source.stream = landing.stream
where landing.received_count > 0
