-- One row per call that a ticket names: the ticket that speaks for it.
with

named as (
    select
        link.canonical_call_id,
        ticket.ticket_id,
        ticket.status,
        ticket.disposition,
        ticket.updated_at,
        call.started_at,
        -- A ticket about several calls tells how the last of them ended; the caller of the earlier
        -- ones had to call again (S0-139).
        row_number() over (
            partition by ticket.ticket_id
            order by call.started_at desc, link.canonical_call_id asc
        ) as calls_since
    from {{ staged('stg_zendesk__ticket') }} as ticket
    inner join {{ ref('int_identity__record_call') }} as link on ticket.record_id = link.record_id
    inner join {{ ref('int_identity__call') }} as call
        on link.canonical_call_id = call.canonical_call_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by canonical_call_id
            order by
                case when calls_since = 1 then 0 else 1 end asc,
                updated_at desc,
                ticket_id asc
        ) as ticket_rank,
        count(*) over (partition by canonical_call_id) as ticket_count
    from named
)

select
    canonical_call_id,
    ticket_id as crm_object_id,
    ticket_count,
    status as crm_status,
    disposition,
    calls_since > 1 as is_followed_by_repeat_call
from ranked
where ticket_rank = 1
