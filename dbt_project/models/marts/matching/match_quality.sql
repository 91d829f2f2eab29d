-- One row per pair of sides, and per day and traffic level of it: what the blindfold test measured.
{{ config(contract={'enforced': true}, stored_by='all') }}
-- after {{ after('scope_record') }}
select
    pair,
    day as call_day,
    traffic,
    calls,
    linked,
    right_links,
    link_precision,
    precision_low,
    precision_high,
    recall,
    recall_low,
    recall_high,
    abstained,
    refused_reason,
    day is null and traffic is null
    and precision_low >= {{ var('matching_min_precision', 0.98) }} as is_published,
    '{{ calibration_version() }}' as calibration_version
from {{ calibrated('quality') }}
