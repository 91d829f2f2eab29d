-- One row per call: how the caller came in, what happened, how it ended, what is missing, and how
-- it is known that its records are of one call.
{{ config(contract={'enforced': true}, stored_by='call_and_links') }}
{% set columns = own_columns(
    less=['identity_basis', 'lowest_confidence', 'linked_call_count']
) | join(', ') %}
-- after {{ after('int_identity__call') }}
with

records as (
    select {{ columns }} from {{ ref('int_calls__record') }}
    {% if is_partial() %}
    union all
    select {{ columns }} from {{ stored_table('marts', 'call_record') }}
    where canonical_call_id in ({{ relinked_calls() }})
    {% endif %}
),

links as (
    select
        canonical_call_id as linking_call_id,
        min(confidence) as lowest_confidence,
        count(*) as linked_call_count
    from {{ ref('call_link') }}
    where status = 'linked'
    group by canonical_call_id
)

select
    {{ columns }},
    case
        when links.linking_call_id is null then 'explicit'
        when records.record_count = 1 then 'heuristic'
        else 'mixed'
    end as identity_basis,
    coalesce(links.lowest_confidence, 1.0) as lowest_confidence,
    coalesce(links.linked_call_count, 0) as linked_call_count
from records
left join links on records.canonical_call_id = links.linking_call_id
