-- One row per event that Amazon Connect states: contact records, flow logs, Contact Lens.
{{ config(materialized='scratch_view') }}
with

silences as (
    {{ unnested(
        staged('stg_amazon_connect__contact_lens'),
        'non_talk_instances',
        'record_id, record_key, landing_object, landed_at, policy_version, redaction_state, '
        ~ 'contact_id, analysed_at'
    ) }}
),

-- Both twins of an analysis list the same silences: those of the twin whose turns are shown.
preferred as (
    select distinct record_id
    from {{ ref('int_events__turn') }}
    where provider = 'amazon_connect'
),

long_silences as (
    select
        silences.*,
        silences.item.DurationMillis as duration_ms,
        {{ add_ms(
            'coalesce(contact.connected_to_agent_at, contact.initiated_at, silences.analysed_at)',
            'silences.item.BeginOffsetMillis'
        ) }} as silent_from
    from silences
    inner join preferred on silences.record_id = preferred.record_id
    left join {{ staged('stg_amazon_connect__contact_record') }} as contact
        on silences.contact_id = contact.contact_id
    where silences.item.DurationMillis >= {{ var('silence_threshold_ms', 3000) }}
),

silence_events as (
    select
        {{ event_columns(
            'amazon_connect.contact_lens', 'ivr', 'call.silence_detected', 'silent_from', 1000,
            discriminator='position', sequence='position',
            details=['contact_id', 'duration_ms'], contact='contact_id'
        ) }}
    from long_silences
),

analyses as (
    select
        {{ event_columns(
            'amazon_connect.contact_lens', 'ivr', 'transcript.analysed', 'analysed_at', 1000,
            details=['contact_id', 'artefact', 'job_status', 'interruption_count'],
            contact='contact_id'
        ) }}
    from {{ staged('stg_amazon_connect__contact_lens') }}
),

turn_events as (
    {{ turn_events('amazon_connect', 'contact_lens', 'ivr') }}
)

select * from {{ ref('int_events__amazon_connect_contact') }}
union all
select * from {{ ref('int_events__amazon_connect_flow') }}
union all
select * from silence_events
union all
select * from analyses
union all
select * from turn_events
