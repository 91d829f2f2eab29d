-- One row per LiveKit webhook event.
{{ stored_by('staged') }}
{% set fields = {
    '_known': ['VARCHAR'], 'id': 'VARCHAR', 'event': 'VARCHAR', 'createdAt': 'VARCHAR',
    'room': {
        'sid': 'VARCHAR', 'name': 'VARCHAR', 'creationTime': 'VARCHAR', 'creationTimeMs': 'VARCHAR',
        'numParticipants': 'BIGINT'
    },
    'participant': {
        'sid': 'VARCHAR', 'identity': 'VARCHAR', 'kind': 'VARCHAR', 'state': 'VARCHAR',
        'joinedAt': 'VARCHAR', 'joinedAtMs': 'VARCHAR', 'disconnectReason': 'VARCHAR',
        'attributes': 'MAP(VARCHAR, VARCHAR)'
    },
    'track': {'sid': 'VARCHAR', 'type': 'VARCHAR', 'source': 'VARCHAR', 'mimeType': 'VARCHAR'},
    'egressInfo': {
        'egressId': 'VARCHAR', 'roomId': 'VARCHAR', 'roomName': 'VARCHAR', 'status': 'VARCHAR',
        'startedAt': 'VARCHAR', 'endedAt': 'VARCHAR', 'error': 'VARCHAR',
        'fileResults': [{'location': 'VARCHAR', 'duration': 'VARCHAR'}],
        'file': {'location': 'VARCHAR', 'duration': 'VARCHAR'}
    },
    'job': {
        'id': 'VARCHAR', 'dispatchId': 'VARCHAR', 'agentName': 'VARCHAR',
        'room': {'sid': 'VARCHAR', 'name': 'VARCHAR'},
        'state': {'status': 'VARCHAR', 'error': 'VARCHAR', 'participantIdentity': 'VARCHAR'}
    }
} %}
{#- What happened to what: two bodies with one ID that differ in it are two events. -#}
{% set stated = parse_record('record', {
    'event': 'VARCHAR', 'createdAt': 'VARCHAR', 'room': {'sid': 'VARCHAR', 'name': 'VARCHAR'},
    'participant': {'sid': 'VARCHAR'}, 'track': {'sid': 'VARCHAR'},
    'egressInfo': {'egressId': 'VARCHAR'}, 'job': {'id': 'VARCHAR'}
}) %}
{% set a = "r.participant.attributes['%s'] as %s" %}
with

newest as (
    {{ newest_records(
        'livekit', 'webhooks', version='record_hash', distinct_by='cast(' ~ stated ~ ' as varchar)'
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        {{ parse_record('record', fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        cast(null as bigint) as source_version,
        -- ids
        r.id as event_id,
        coalesce(r.room.sid, r.egressInfo.roomId, r.job.room.sid) as room_sid,
        coalesce(r.room.name, r.egressInfo.roomName, r.job.room.name) as room_name,
        r._known as known_name_tokens,
        r.participant.sid as participant_sid,
        r.participant.identity as participant_identity,
        r.track.sid as track_sid,
        r.egressInfo.egressId as egress_id,
        r.job.id as job_id,
        r.job.dispatchId as dispatch_id,
        {{ a % ('sip.callID', 'sip_livekit_call_id') }},
        {{ a % ('sip.callIDFull', 'sip_call_id') }},
        {{ a % ('sip.twilio.callSid', 'twilio_call_sid') }},
        {{ a % ('sip.amazon.contactId', 'connect_contact_id') }},
        {{ a % ('sip.amazon.initialContactId', 'connect_initial_contact_id') }},
        {{ a % ('sip.h.X-Canonical-Call-Id', 'minted_call_id') }},
        {{ a % ('app.trace_id', 'trace_id') }},
        -- attributes
        r.event as event_name,
        coalesce(r.participant.kind, case when r.participant.sid is not null then 'STANDARD' end)
            as participant_kind,
        r.participant.state as participant_state,
        r.participant.disconnectReason as disconnect_reason,
        {{ a % ('sip.callStatus', 'sip_call_status') }},
        {{ a % ('sip.trunkID', 'sip_trunk_id') }},
        {{ a % ('sip.ruleID', 'sip_rule_id') }},
        {{ a % ('sip.phoneNumber', 'caller_token') }},
        {{ a % ('sip.trunkPhoneNumber', 'called_token') }},
        {{ a % ('app.agent_id', 'agent_id') }},
        {{ a % ('app.prompt_version', 'prompt_version') }},
        r.participant.attributes as participant_attributes,
        r.track.type as track_type,
        r.track.source as track_source,
        r.track.mimeType as track_mime_type,
        r.egressInfo.status as egress_status,
        r.egressInfo.error as egress_error,
        coalesce(r.egressInfo.fileResults[1].location, r.egressInfo.file.location)
            as egress_location,
        r.job.agentName as job_agent_name,
        r.job.state.status as job_status,
        r.job.state.error as job_error,
        -- numbers
        r.room.numParticipants as participant_count,
        -- timestamps
        {{ utc_from_epoch_seconds('r.createdAt') }} as created_at,
        coalesce(
            {{ utc_from_epoch_ms('r.room.creationTimeMs') }},
            {{ utc_from_epoch_seconds('r.room.creationTime') }}
        ) as room_created_at,
        coalesce(
            {{ utc_from_epoch_ms('r.participant.joinedAtMs') }},
            {{ utc_from_epoch_seconds('r.participant.joinedAt') }}
        ) as participant_joined_at,
        {{ utc_from_epoch_ns('r.egressInfo.startedAt') }} as egress_started_at,
        {{ utc_from_epoch_ns('r.egressInfo.endedAt') }} as egress_ended_at
    from parsed
)

-- Older bodies do not say when they were made, only when what they are about began.
select
    *,
    coalesce(
        created_at, participant_joined_at, room_created_at, egress_started_at, egress_ended_at
    ) as occurred_at
from renamed
