-- One row per pair of sides and decile of confidence: how often what was believed so was true.
{{ config(contract={'enforced': true}, stored_by='all') }}
-- after {{ after('scope_record') }}
select
    pair,
    decile,
    candidates,
    confidence,
    true_share,
    true_share_low,
    true_share_high,
    '{{ calibration_version() }}' as calibration_version
from {{ calibrated('decile') }}
