-- One row per alias value that joins nothing, or minted ID of a call that has several.
{{ config(contract={'enforced': true}, stored_by='all') }}
-- after {{ after('int_identity__withheld') }}
select
    namespace,
    alias_value,
    -- Only what is scoped has instances, each named by when it begins.
    case when instance > 0 then {{ utc_from_epoch_us('instance') }} end as instance_started_at,
    reason,
    count(distinct record_id) as record_count,
    count(distinct canonical_call_id) as call_count,
    max(anchor_count) as anchor_count,
    {{ first_values('record_id', 5) }} as example_records,
    {{ first_values('canonical_call_id', 5) }} as example_calls
from {{ whole('int_identity__withheld') }}
group by namespace, alias_value, instance, reason
