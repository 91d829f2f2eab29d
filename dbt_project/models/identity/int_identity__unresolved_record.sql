-- One row per staged record that belongs to no call, with the reason: nothing is lost in silence.
{{ stored_by('record') }}
with

staged as (
    {% for provider, stream, model in staged_streams() %}
    select
        record_id,
        '{{ provider }}' as provider,
        '{{ stream }}' as stream,
        record_key,
        dt,
        landed_at
    from {{ staged(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unresolved as (
    select * from staged
    where
        record_id not in (
            select record_id from {{ ref('int_identity__record_call') }}
        )
),

stated as (
    select
        record_id,
        bool_or(is_associating_record) as is_associating_record,
        bool_or(namespace = 'call_reference' and unusable_reason is null) as has_reference,
        bool_or(kind != 'associating' and unusable_reason is null) as has_usable_alias,
        max(case when kind != 'associating' then unusable_reason end) as unusable_reason
    from {{ ref('int_identity__alias_observation') }}
    where record_id in (select record_id from unresolved)
    group by record_id
)

select
    unresolved.record_id,
    unresolved.provider,
    unresolved.stream,
    unresolved.record_key,
    case
        when stated.is_associating_record and stated.has_reference then 'reference_not_found'
        when stated.is_associating_record then 'no_reference'
        when stated.has_usable_alias then 'alias_withheld'
        when stated.unusable_reason is not null then 'alias_' || stated.unusable_reason
        else 'no_alias'
    end as reason,
    unresolved.dt,
    unresolved.landed_at
from unresolved
left join stated on unresolved.record_id = stated.record_id
