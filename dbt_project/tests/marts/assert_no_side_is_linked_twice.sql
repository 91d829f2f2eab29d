-- A session belongs to one call and a leg to one session: of a pair, no side stands in two links.
{{ config(meta={'dagster': {'ref': {'name': 'int_matching__link'}}}) }}
select
    pair,
    side_id
from (
    select
        pair,
        left_side_id as side_id
    from {{ ref('int_matching__link') }}
    where status in ('linked', 'candidate')
    union all
    select
        pair,
        right_side_id as side_id
    from {{ ref('int_matching__link') }}
    where status in ('linked', 'candidate')
) as linked
group by pair, side_id
having count(*) > 1
