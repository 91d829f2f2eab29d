-- One row per alias that joins nothing, or call with several minted IDs, and call that it concerns.
{{ config(contract={'enforced': true}) }}
select
    namespace,
    alias_value,
    instance_number,
    reason,
    record_count,
    anchor_count,
    canonical_call_id,
    example_records
from {{ ref('int_identity__conflict') }}
