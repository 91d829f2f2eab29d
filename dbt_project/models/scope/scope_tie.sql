-- One row per record and thing that may tie its call to another one, as a number.
--
-- More than identity itself would join, never less: whatever one record can change in the rows of
-- another is reached from it over these ties, and over the calls as they were. Identifying values
-- and references count in every namespace alike, withheld or not. A scoped value counts by blocks
-- of time as long as the silence that ends an instance, so that uses far apart do not meet.
{{ stored_by('scope') }}
with

stated as (
    {% for provider in var('providers') %}
    select
        record_id,
        provider,
        stream,
        record_key,
        namespace,
        lower(trim(alias_value)) as alias_value,
        started_at,
        greatest(ended_at, started_at) as ended_at
    from {{ ref('int_identity__' ~ provider ~ '_aliases') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What aliases depend on only with other records in view: stated here unseen.
implied as (
    select
        record_id,
        'twilio' as provider,
        'calls' as stream,
        record_key,
        {{ trace_id_of_call_sid('call_sid') }} as alias_value
    from {{ ref('stg_twilio__call') }}
    union all
    select
        record_id,
        'otlp' as provider,
        'spans' as stream,
        record_key,
        trace_id || ':' || span_id as alias_value
    from {{ ref('stg_otlp__span') }}
    where replace(trace_id, '0', '') = ''
    union all
    select
        record_id,
        'otlp' as provider,
        'spans' as stream,
        record_key,
        trace_id || ':' || parent_span_id as alias_value
    from {{ ref('stg_otlp__span') }}
    where replace(trace_id, '0', '') = '' and parent_span_id is not null
),

scoped as (
    select
        stated.*,
        {{ number_list(
            whole_times('namespaces.instance_gap_hours', epoch_hours('stated.started_at')),
            whole_times(
                'namespaces.instance_gap_hours',
                epoch_hours(capped_end('stated.started_at', 'stated.ended_at'))
            ) ~ ' + 1'
        ) }} as blocks
    from stated
    inner join {{ ref('alias_namespace') }} as namespaces
        on stated.namespace = namespaces.namespace
    where namespaces.kind = 'scoped' and stated.started_at is not null
),

ties as (
    select
        stated.record_id,
        stated.provider,
        stated.stream,
        stated.record_key,
        stated.alias_value as tie,
        stated.alias_value
    from stated
    inner join {{ ref('alias_namespace') }} as namespaces
        on stated.namespace = namespaces.namespace
    left join {{ ref('null_like_value') }} as null_like
        on stated.alias_value = null_like.alias_value
    where
        (namespaces.kind = 'identifying' or stated.namespace = 'call_reference')
        and null_like.alias_value is null
        and translate(
            substr(stated.alias_value, length(coalesce(namespaces.prefix, '')) + 1), '0-', ''
        ) != ''
    union all
    select
        record_id,
        provider,
        stream,
        record_key,
        alias_value as tie,
        alias_value
    from implied
    union all
    select
        record_id,
        provider,
        stream,
        record_key,
        namespace || '|' || cast(item as varchar) || '|' || alias_value as tie,
        alias_value
    from (
        {{ unnested(
            'scoped', 'blocks', 'record_id, provider, stream, record_key, namespace, alias_value'
        ) }}
    ) as blocks
)

select distinct
    record_id,
    provider || '.' || stream || ':' || record_key as record_base,
    {{ hash64('tie') }} as tie,
    {{ hash64('alias_value') }} as alias_value_hash
from ties
