-- One row per event that a ticket states. A ticket of several calls is told on each.
-- A solved ticket resolves its call unless its own disposition says that the call ended otherwise.
{{ config(materialized='scratch_view') }}
{% set ticket = [
    'ticket_id', 'status', 'disposition', 'priority', ('owner_queue', 'group_id'), 'assignee_id',
    'satisfaction_score'
] %}
with

tickets as (
    select * from {{ staged('stg_zendesk__ticket') }}
)

{% for type, at, condition in [
    ('case.created', 'created_at', 'created_at is not null'),
    ('case.updated', 'updated_at', 'created_at is null or updated_at > created_at'),
    ('call.escalated', 'updated_at', "disposition = 'escalated'"),
    (
        'call.resolved', 'updated_at',
        "coalesce(disposition, case when status in ('solved', 'closed') then 'resolved' end)"
        ~ " = 'resolved'"
    ),
] %}
select
    {{ event_columns(
        'zendesk.tickets', 'crm', type, at, 1000,
        details=ticket if type.startswith('case') else ['ticket_id', 'status', 'disposition']
    ) }}
from tickets
where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
