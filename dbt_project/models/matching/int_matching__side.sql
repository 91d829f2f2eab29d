-- One row per side of a hand-off: what a system knows of a call's passing from one to another.
-- after {{ after('int_matching__touched_day') }}
{{ stored_by('record') }}
select * from {{ ref('int_matching__own_side') }}
