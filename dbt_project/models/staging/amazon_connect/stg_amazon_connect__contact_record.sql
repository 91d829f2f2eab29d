-- One row per contact (one leg of a call): the newest version that Amazon Connect delivered.
{{ stored_by('staged') }}
{% set endpoint = {'Type': 'VARCHAR', 'Address': 'VARCHAR'} %}
{% set recording = {'Location': 'VARCHAR', 'Type': 'VARCHAR', 'Status': 'VARCHAR'} %}
{% set quality = {'Audio': {'QualityScore': 'DOUBLE', 'PotentialQualityIssues': ['VARCHAR']}} %}
{% set fields = {
    '_known': ['VARCHAR'], 'ContactId': 'VARCHAR', 'InitialContactId': 'VARCHAR', 'PreviousContactId': 'VARCHAR',
    'NextContactId': 'VARCHAR', 'RelatedContactId': 'VARCHAR', 'ContactAssociationId': 'VARCHAR',
    'InstanceARN': 'VARCHAR', 'Channel': 'VARCHAR', 'InitiationMethod': 'VARCHAR',
    'DisconnectReason': 'VARCHAR', 'DisconnectDetails': {'PotentialDisconnectIssue': 'VARCHAR'},
    'InitiationTimestamp': 'VARCHAR', 'ConnectedToSystemTimestamp': 'VARCHAR',
    'DisconnectTimestamp': 'VARCHAR', 'LastUpdateTimestamp': 'VARCHAR',
    'TransferCompletedTimestamp': 'VARCHAR', 'TransferredToEndpoint': endpoint,
    'CustomerEndpoint': endpoint, 'SystemEndpoint': endpoint,
    'Queue': {
        'ARN': 'VARCHAR', 'Name': 'VARCHAR', 'EnqueueTimestamp': 'VARCHAR',
        'DequeueTimestamp': 'VARCHAR', 'Duration': 'DOUBLE'
    },
    'Agent': {
        'ARN': 'VARCHAR', 'ConnectedToAgentTimestamp': 'VARCHAR',
        'AgentInteractionDuration': 'DOUBLE', 'CustomerHoldDuration': 'DOUBLE'
    },
    'Recording': recording, 'Recordings': [recording],
    'QualityMetrics': {'Agent': quality, 'Customer': quality},
    'Campaign': {'CampaignId': 'VARCHAR'},
    'Attributes': {
        'canonicalCallId': 'VARCHAR', 'twilioCallSid': 'VARCHAR', 'language': 'VARCHAR',
        'environment': 'VARCHAR', 'region': 'VARCHAR', 'handoffReason': 'VARCHAR',
        'campaign': 'VARCHAR'
    }
} %}
with

newest as (
    {{ newest_records(
        'amazon_connect', 'contact_records',
        version=utc_from_iso(json_text(
            with_key_case('record', ['LastUpdateTimestamp']), 'LastUpdateTimestamp'
        )),
        start=utc_from_iso(json_text(
            with_key_case('record', ['InitiationTimestamp']), 'InitiationTimestamp'
        ))
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        first_started_at,
        {{ parse_record(with_key_case('record', fields.keys() | list), fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        {{ epoch_us(utc_from_iso('r.LastUpdateTimestamp')) }} as source_version,
        -- ids
        r.ContactId as contact_id,
        r.InitialContactId as initial_contact_id,
        r.PreviousContactId as previous_contact_id,
        r.NextContactId as next_contact_id,
        r.RelatedContactId as related_contact_id,
        r.ContactAssociationId as contact_association_id,
        r.InstanceARN as instance_arn,
        r.Attributes.canonicalCallId as minted_call_id,
        r.Attributes.twilioCallSid as twilio_call_sid,
        coalesce(r.Recording.Location, r.Recordings[1].Location) as recording_location,
        -- attributes
        upper(r.Channel) as channel,
        upper(r.InitiationMethod) as initiation_method,
        r._known as known_name_tokens,
        r.DisconnectReason as disconnect_reason,
        r.DisconnectDetails.PotentialDisconnectIssue as potential_disconnect_issue,
        r.CustomerEndpoint.Type as customer_endpoint_type,
        r.CustomerEndpoint.Address as caller_token,
        r.SystemEndpoint.Address as called_token,
        r.TransferredToEndpoint.Type as transferred_to_type,
        r.TransferredToEndpoint.Address as transferred_to_token,
        r.Queue.ARN as queue_arn,
        r.Queue.Name as queue_name,
        r.Agent.ARN as human_agent_arn,
        coalesce(r.Recording.Status, r.Recordings[1].Status) as recording_status,
        r.QualityMetrics.Agent.Audio.PotentialQualityIssues as agent_quality_issues,
        r.QualityMetrics.Customer.Audio.PotentialQualityIssues as customer_quality_issues,
        coalesce(r.Attributes.campaign, r.Campaign.CampaignId) as campaign,
        r.Attributes.language as language,
        r.Attributes.environment as environment,
        r.Attributes.region as region,
        r.Attributes.handoffReason as handoff_reason,
        -- numbers
        r.Queue.Duration * 1000 as queue_duration_ms,
        r.Agent.AgentInteractionDuration * 1000 as agent_interaction_ms,
        r.Agent.CustomerHoldDuration * 1000 as customer_hold_ms,
        r.QualityMetrics.Agent.Audio.QualityScore as agent_quality_score,
        r.QualityMetrics.Customer.Audio.QualityScore as customer_quality_score,
        -- timestamps
        {{ utc_from_iso('r.InitiationTimestamp') }} as initiated_at,
        {{ utc_from_iso('r.ConnectedToSystemTimestamp') }} as connected_to_system_at,
        {{ utc_from_iso('r.Queue.EnqueueTimestamp') }} as enqueued_at,
        {{ utc_from_iso('r.Queue.DequeueTimestamp') }} as dequeued_at,
        {{ utc_from_iso('r.Agent.ConnectedToAgentTimestamp') }} as connected_to_agent_at,
        {{ utc_from_iso('r.TransferCompletedTimestamp') }} as transfer_completed_at,
        {{ utc_from_iso('r.DisconnectTimestamp') }} as disconnected_at,
        {{ utc_from_iso('r.LastUpdateTimestamp') }} as last_updated_at,
        first_started_at
    from parsed
)

select * from renamed
