-- One row per analysis file (a contact has an original and often a redacted one): the newest.
{{ stored_by('staged') }}
{% set offsets = {'BeginOffsetMillis': 'BIGINT', 'EndOffsetMillis': 'BIGINT'} %}
{% set turn_redaction = turn_redaction_fields() %}
{% set fields = {
    'contact_id': 'VARCHAR', 'artefact': 'VARCHAR', 'analysed_at': 'VARCHAR',
    'document': {
        'Version': 'VARCHAR', 'JobStatus': 'VARCHAR', 'LanguageCode': 'VARCHAR',
        'ContentMetadata': {'Output': 'VARCHAR'},
        'Participants': [{'ParticipantId': 'VARCHAR', 'ParticipantRole': 'VARCHAR'}],
        'Categories': {'MatchedCategories': ['VARCHAR']},
        'ConversationCharacteristics': {
            'TotalConversationDurationMillis': 'BIGINT',
            'Sentiment': {'OverallSentiment': {'AGENT': 'DOUBLE', 'CUSTOMER': 'DOUBLE'}},
            'Interruptions': {'TotalCount': 'BIGINT', 'TotalTimeMillis': 'BIGINT'},
            'NonTalkTime': {
                'TotalTimeMillis': 'BIGINT',
                'Instances': [{
                    'BeginOffsetMillis': 'BIGINT', 'EndOffsetMillis': 'BIGINT',
                    'DurationMillis': 'BIGINT'
                }]
            },
            'TalkTime': {'TotalTimeMillis': 'BIGINT'}
        },
        'Transcript': [{
            'Id': 'VARCHAR', 'ParticipantId': 'VARCHAR', 'Content': 'VARCHAR',
            'Content_redaction': turn_redaction,
            'BeginOffsetMillis': 'BIGINT', 'EndOffsetMillis': 'BIGINT', 'Sentiment': 'VARCHAR',
            'Redaction': {'RedactedTimestamps': [offsets]}
        }]
    }
} %}
with

newest as (
    {{ newest_records(
        'amazon_connect', 'contact_lens',
        version=utc_from_iso(json_text('record', 'analysed_at')),
        earliest=utc_from_iso(json_text('record', 'analysed_at')),
        start=utc_from_iso(json_text('record', 'analysed_at'))
    ) }}
),

parsed as (
    select
        {{ record_columns() }},
        earliest,
        first_started_at,
        {{ parse_record('record', fields) }} as r
    from newest
),

renamed as (
    select
        {{ record_columns() }},
        {{ epoch_us(utc_from_iso('r.analysed_at')) }} as source_version,
        -- ids
        r.contact_id as contact_id,
        -- attributes
        r.artefact as artefact,
        r.document.ContentMetadata.Output as provider_output,
        r.document.Version as document_version,
        r.document.JobStatus as job_status,
        r.document.LanguageCode as language,
        r.document.Categories.MatchedCategories as matched_categories,
        r.document.Participants as participants,
        r.document.Transcript as turns,
        r.document.ConversationCharacteristics.NonTalkTime.Instances as non_talk_instances,
        -- numbers
        r.document.ConversationCharacteristics.TotalConversationDurationMillis as duration_ms,
        r.document.ConversationCharacteristics.TalkTime.TotalTimeMillis as talk_ms,
        r.document.ConversationCharacteristics.NonTalkTime.TotalTimeMillis as non_talk_ms,
        r.document.ConversationCharacteristics.Interruptions.TotalCount as interruption_count,
        r.document.ConversationCharacteristics.Interruptions.TotalTimeMillis as interruption_ms,
        r.document.ConversationCharacteristics.Sentiment.OverallSentiment.AGENT as agent_sentiment,
        r.document.ConversationCharacteristics.Sentiment.OverallSentiment.CUSTOMER
            as customer_sentiment,
        -- timestamps
        {{ utc_from_iso('r.analysed_at') }} as analysed_at,
        coalesce(earliest, {{ utc_from_iso('r.analysed_at') }}) as first_analysed_at,
        first_started_at
    from parsed
)

select * from renamed
