-- One row per leg or contact that was, or may have been, handed to a voice agent, and per call.
with

legs as (
    select
        link.canonical_call_id,
        leg.*,
        bool_or(leg.is_agent_leg) over (partition by link.canonical_call_id) as has_agent_leg
    from {{ staged('int_events__twilio_leg') }} as leg
    inner join {{ ref('int_identity__record_call') }} as link on leg.record_id = link.record_id
),

-- The leg to the agent where there is one; it may state the trunk's numbers, not the caller's.
telephony as (
    select
        leg.*,
        coalesce(parent.from_token, leg.from_token) as caller_token,
        coalesce(parent.to_token, leg.to_token) as called_token,
        coalesce(parent.leg_direction, leg.leg_direction) as call_direction
    from legs as leg
    left join legs as parent
        on
            leg.canonical_call_id = parent.canonical_call_id
            and leg.parent_call_sid = parent.call_sid
    where leg.is_agent_leg or (not leg.has_agent_leg and leg.leg_kind = 'parent')
),

hand_overs as (
    select
        contact_id,
        max(occurred_at) as handed_over_at
    from {{ staged('stg_amazon_connect__flow_log') }}
    where
        module_type = 'Transfer'
        and coalesce({{ json_text('parameters', 'TransferType') }}, '') != 'Queue'
    group by contact_id
),

contacts as (
    select
        link.canonical_call_id,
        contact.*,
        coalesce(hand_overs.handed_over_at, contact.transfer_completed_at) as handed_over_at
    from {{ staged('stg_amazon_connect__contact_record') }} as contact
    inner join {{ ref('int_identity__record_call') }} as link
        on contact.record_id = link.record_id
    left join hand_overs on contact.contact_id = hand_overs.contact_id
    where
        hand_overs.contact_id is not null
        or contact.transferred_to_type is not null
        or contact.handoff_reason is not null
)

select
    record_id,
    canonical_call_id,
    'telephony' as side,
    'twilio' as clock_source,
    cast(null as varchar) as account,
    created_at as started_at,
    ended_at,
    caller_token,
    called_token,
    cast(null as varchar) as environment,
    case when call_direction like 'outbound%' then 'outbound' else 'inbound' end as direction,
    edge_location as region,
    cast(null as varchar) as language,
    cast(null as varchar) as reason
from telephony
union all
select
    record_id,
    canonical_call_id,
    'ivr' as side,
    'amazon_connect' as clock_source,
    instance_arn as account,
    handed_over_at as started_at,
    disconnected_at as ended_at,
    caller_token,
    called_token,
    environment,
    case
        when initiation_method in ('OUTBOUND', 'CALLBACK', 'EXTERNAL_OUTBOUND') then 'outbound'
        else 'inbound'
    end as direction,
    region,
    language,
    coalesce(handoff_reason, queue_name) as reason
from contacts
union all
select
    call.first_landed_record_id as record_id,
    call.canonical_call_id,
    'call' as side,
    'callstory' as clock_source,
    cast(null as varchar) as account,
    call.started_at,
    call.ended_at,
    frame.caller_token,
    frame.called_token,
    cast(null as varchar) as environment,
    cast(null as varchar) as direction,
    cast(null as varchar) as region,
    cast(null as varchar) as language,
    cast(null as varchar) as reason
from {{ ref('int_identity__call') }} as call
inner join {{ ref('int_calls__frame') }} as frame
    on call.canonical_call_id = frame.canonical_call_id
