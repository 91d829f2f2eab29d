-- One row per exception that an operator made of the alias-completeness gate.
{{ config(contract={'enforced': true}, stored_by='all') }}
-- after {{ after('scope_record') }}
select
    exception_id,
    day,
    route,
    alias,
    missing,
    calls,
    reason,
    accepted_by,
    accepted_at,
    build_id,
    limits_version
from {{ accepted_exceptions() }}
