{#-
    The newest version of every record of a stream, still as JSON text, with record_columns().

    `version` is an expression over `record` that orders versions, larger is newer; none where
    the provider gives no version. It decides; arrival only breaks ties, then the content
    hash, so that the winner does not depend on the order in which objects are read.

    first_landed_at is when the record's first version landed: call IDs hang on it, and must
    not move when a record is delivered again. With `earliest`, an expression over `record`,
    its least value over all versions is kept as `earliest`. With `start`, an expression over
    `record`, its value in the version that landed first is kept as `first_started_at`, null where
    a record came once: the time in a call ID hangs on it.

    With `distinct_by`, an expression over `record`, rows of one key that differ in it are no
    versions of each other: each of them is kept, and its record_id tells them apart. Which they
    are depends on content alone.

    Only keys that came more than once are ranked, and superseded versions are never parsed in
    full: ranking all rows of a stream doubled the time of its model and held it in memory
    whole.
-#}
{% macro newest_records(provider, stream, version=none, earliest=none, start=none,
    distinct_by=none) -%}
    {%- set parts = 'partition by record_key' ~ (', distinct_key' if distinct_by else '') %}
    with repeated_keys as (
        select record_key
        from {{ landed(provider, stream) }}
        group by record_key
        having count(*) > 1
    ),

    versions as (
        select
            record_key,
            record_hash,
            landing_object,
            landing_line,
            part,
            landed_at,
            {{ earliest or 'null' }} as earliest,
            {{ start or 'null' }} as started_at,
            {{ distinct_by or 'null' }} as distinct_key,
            {{ version or 'null' }} as version_order
        from {{ landed(provider, stream) }}
        where record_key in (select record_key from repeated_keys)
    ),

    ranked as (
        select
            *,
            min(landed_at) over ({{ parts }}) as first_landed_at,
            {% if earliest -%}
            min(earliest) over ({{ parts }}) as first_earliest,
            {% endif -%}
            {% if start -%}
            first_value(started_at) over (
                {{ parts }} order by landed_at, landing_object, landing_line, part
            ) as first_started_at,
            {% endif -%}
            {% if distinct_by -%}
            min(distinct_key) over (partition by record_key)
            != max(distinct_key) over (partition by record_key) as is_shared_key,
            {% endif -%}
            row_number() over (
                {{ parts }}
                order by
                    version_order desc nulls last,
                    landed_at desc,
                    record_hash desc,
                    landing_object desc,
                    landing_line desc,
                    part desc
            ) as version_rank
        from versions
    ),

    winners as (
        select * from ranked where version_rank = 1
    )

    select
        received.provider || '.' || received.stream || ':' || received.record_key
        {%- if distinct_by %}
        || case
            when winners.is_shared_key
                then ':' || substr({{ sha256_hex('winners.distinct_key') }}, 1, 16)
            else ''
        end
        {%- endif %} as record_id,
        received.record_key,
        received.record_hash,
        received.landing_object,
        received.landing_line,
        received.part,
        received.dt,
        received.redaction_state,
        received.redaction_classes,
        received.policy_version,
        {{ utc_from_instant('received.landed_at') }} as landed_at,
        {{ utc_from_instant('coalesce(winners.first_landed_at, received.landed_at)') }}
            as first_landed_at,
        {% if earliest %}winners.first_earliest as earliest,{% endif %}
        {% if start %}winners.first_started_at,{% endif %}
        received.record
    from {{ landed(provider, stream) }} as received
    left join winners on received.record_key = winners.record_key
    where
        winners.record_key is null
        or (
            received.landing_object = winners.landing_object
            and received.landing_line = winners.landing_line
            and received.part = winners.part
        )
{%- endmacro %}
