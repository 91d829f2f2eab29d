-- One row per call ID that is, or may have been, published and now resolves to another one.
{{ config(contract={'enforced': true}) }}
select
    old_call_id,
    canonical_call_id,
    reason
from {{ ref('int_identity__redirect') }}
