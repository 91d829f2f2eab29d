-- One row per call: the way it took, told by what is there and by the trail of what is missing.
select
    *,
    case
        when has_connect and (is_transferred_out or has_twilio or has_livekit or has_spans)
            then 'ivr_to_agent'
        when has_connect then 'ivr_only'
        when has_twilio and (has_agent_leg or has_livekit or has_spans) then 'direct_to_agent'
        when has_sip_caller then 'direct_to_agent'
        when has_web_caller then 'web_call'
        else 'unknown'
    end as route,
    has_livekit or has_spans as has_agent
from {{ ref('int_calls__evidence') }}
