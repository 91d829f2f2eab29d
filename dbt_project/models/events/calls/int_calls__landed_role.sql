-- One row per route, canonical role and day on which the provider that states the role landed
-- anything, and whether a stream that states the role did.
-- after {{ after('scope_record') }}
select
    source.route,
    source.canonical_role,
    landing.dt,
    max(case when source.stream = landing.stream then 1 else 0 end) = 1 as has_stream
from {{ ref('role_source') }} as source
inner join {{ whole('stg_landing__object') }} as landing on source.provider = landing.provider
where landing.received_count > 0
group by source.route, source.canonical_role, landing.dt
