-- One row per turn of a Contact Lens transcript.
with

items as (
    {{ unnested(
        staged('stg_amazon_connect__contact_lens'),
        'turns',
        'record_id, record_key, landing_object, landing_line, dt, landed_at, policy_version, '
        ~ 'contact_id, artefact, participants, redaction_state as record_redaction_state'
    ) }}
),

turns as (
    select
        -- ids
        record_id,
        record_key,
        landing_object,
        landing_line,
        dt,
        policy_version,
        contact_id,
        position as turn_index,
        item.Id as turn_id,
        -- attributes
        artefact,
        item.ParticipantId as participant_id,
        {{ list_lookup('participants', 'ParticipantId', 'item.ParticipantId', 'ParticipantRole') }}
            as participant_role,
        item.Content as content,
        item.Content_redaction.strict as content_strict,
        item.Content_redaction.candidates as name_candidates,
        coalesce(item.Content_redaction.state, record_redaction_state) as redaction_state,
        item.Content_redaction.classes as redaction_classes,
        item.Sentiment as sentiment,
        -- numbers
        item.BeginOffsetMillis as begin_offset_ms,
        item.EndOffsetMillis as end_offset_ms,
        coalesce({{ list_size('item.Redaction.RedactedTimestamps') }}, 0)
            as provider_redacted_spans,
        -- timestamps
        landed_at
    from items
)

select * from turns
