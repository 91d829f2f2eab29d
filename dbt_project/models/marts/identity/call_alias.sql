-- One row per call, alias namespace and alias value: stated by a record of the call, or by one of a
-- call that is linked to it heuristically.
{{ config(contract={'enforced': true}, stored_by='call_and_links') }}
{% set columns = own_columns(less=['link_method', 'confidence']) | join(', ') %}
-- after {{ after('int_identity__call') }}
with

links as (
    select
        canonical_call_id,
        call_date,
        linked_call_id,
        linked_record_id,
        max(confidence) as confidence
    from {{ ref('call_link') }}
    where status = 'linked'
    group by canonical_call_id, call_date, linked_call_id, linked_record_id
),

explicit as (
    select {{ columns }} from {{ ref('int_identity__call_alias') }}
    {% if is_partial() %}
    union all
    select {{ columns }} from {{ stored_table('marts', 'call_alias') }}
    where
        link_method = 'explicit'
        and canonical_call_id in (
            {{ relinked_calls() }}
            union all
            select linked_call_id from links
            where linked_call_id is not null
        )
        and canonical_call_id not in (
            select canonical_call_id from {{ ref('int_identity__call') }}
        )
    {% endif %}
),

-- What joins calls, and tickets: neither a customer nor a caller is taken over.
guessed as (
    select
        links.canonical_call_id,
        links.call_date,
        links.confidence,
        aliases.namespace,
        aliases.alias_value,
        aliases.canonical_role,
        aliases.source_system,
        aliases.kind,
        aliases.first_seen_at,
        aliases.last_seen_at,
        aliases.record_count
    from links
    inner join explicit as aliases on links.linked_call_id = aliases.canonical_call_id
    where aliases.kind != 'associating'
    union all
    select
        links.canonical_call_id,
        links.call_date,
        links.confidence,
        namespaces.namespace,
        tickets.record_key as alias_value,
        namespaces.canonical_role,
        namespaces.system as source_system,
        namespaces.kind,
        cast(null as timestamp) as first_seen_at,
        cast(null as timestamp) as last_seen_at,
        cast(1 as bigint) as record_count
    from links
    inner join {{ whole('int_identity__unresolved_record') }} as tickets
        on links.linked_record_id = tickets.record_id
    inner join {{ ref('alias_namespace') }} as namespaces
        on namespaces.namespace = 'crm_ticket_id'
),

strongest as (
    select
        *,
        row_number() over (
            partition by canonical_call_id, namespace, alias_value
            order by confidence desc, first_seen_at asc, last_seen_at asc, record_count asc
        ) as place
    from guessed
)

select
    {{ columns }},
    'explicit' as link_method,
    cast(1.0 as double) as confidence
from explicit
{% if is_partial() %}
where
    canonical_call_id in (select canonical_call_id from {{ ref('int_identity__call') }})
    or canonical_call_id in ({{ relinked_calls() }})
{% endif %}
union all
select
    {{ columns }},
    'heuristic' as link_method,
    confidence
from strongest
where
    place = 1
    and not exists (
        select 1 from explicit
        where
            explicit.canonical_call_id = strongest.canonical_call_id
            and explicit.namespace = strongest.namespace
            and explicit.alias_value = strongest.alias_value
    )
