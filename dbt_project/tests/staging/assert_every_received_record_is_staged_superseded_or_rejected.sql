-- Promise 1, nothing lost: every landed line is staged, superseded by a newer version of the same
-- record, or rejected with a reason.
select
    landing_object,
    received_count,
    staged_count,
    superseded_count,
    rejected_count
from {{ ref('stg_landing__reconciliation') }}
where unaccounted_count != 0
