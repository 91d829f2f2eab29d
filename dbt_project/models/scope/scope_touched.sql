-- Every record of the calls that new, changed or gone records touch, as they were and as they are.
-- after {{ after('scope_file') }}
-- after {{ after('scope_record_key') }}
-- after {{ after('scope_tie') }}
-- after {{ after('identity_exclusion') }}
{% for provider, stream, model in staged_streams() %}
-- after {{ after(model) }}
{% endfor %}
{{ config(materialized='closure') }}
{% set pending = stored_table('meta', 'scope_pending') %}
with

-- A record is staged under its key or, where two share one, under the key and a suffix.
restaged as (
    select ties.record_id
    from {{ ref('scope_tie') }} as ties
    union all
    {% if is_partial() %}
    select ties.record_id
    from {{ whole('scope_tie') }} as ties
    inner join {{ ref('scope_record_key') }} as touched on ties.record_base = touched.record_base
    union all
    {% endif %}
    {% for provider, stream, model in staged_streams() %}
    select record_id from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select record_id from restaged
{% if is_partial() %}
-- What a run that did not finish had begun.
union all
select record_id from {{ pending }}
-- Calls that a new reference names by their ID.
union all
select call.first_landed_record_id as record_id
from {{ stored_table('identity', 'int_identity__call') }} as call
inner join {{ ref('scope_tie') }} as ties
    on
        {{ hash64('lower(call.canonical_call_id)') }} = ties.tie
        or {{ hash64('lower(call.derived_call_id)') }} = ties.tie
-- Tickets that wait for a call: its ID may be what this run brings forth.
union all
select record_id
from {{ stored_table('identity', 'int_identity__unresolved_record') }}
where reason = 'reference_not_found'
-- What an exclusion that came or went speaks of.
union all
select ties.record_id
from {{ whole('scope_tie') }} as ties
inner join ({{ changed_exclusions() }}) as changed
    on
        ties.record_id = changed.record_id
        or ties.alias_value_hash = {{ hash64('lower(trim(changed.alias_value))') }}
{% endif %}
