-- One row per identifier as records write it: normalised, and judged once however often it comes.
with

stated as (
    {% for provider in var('providers') %}
    select distinct
        namespace,
        alias_value
    from {{ staged('int_identity__' ~ provider ~ '_aliases') }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

normalised as (
    select
        stated.namespace,
        stated.alias_value as stated_value,
        case namespaces.normalisation
            when 'lower' then lower(trim(stated.alias_value))
            when 'sid'
                then
                    upper(substr(trim(stated.alias_value), 1, 2))
                    || lower(substr(trim(stated.alias_value), 3))
            else trim(stated.alias_value)
        end as alias_value,
        namespaces.kind,
        coalesce(namespaces.prefix, '') as prefix,
        namespaces.min_length,
        namespaces.max_length,
        namespaces.charset,
        namespaces.instance_gap_hours
    from stated
    inner join {{ ref('alias_namespace') }} as namespaces
        on stated.namespace = namespaces.namespace
),

split as (
    select
        *,
        substr(alias_value, 1, length(prefix)) as head,
        substr(alias_value, length(prefix) + 1) as rest
    from normalised
)

select
    split.namespace,
    split.stated_value,
    split.alias_value,
    split.kind,
    split.instance_gap_hours,
    case
        when
            null_like.alias_value is not null
            or replace(replace(split.rest, '0', ''), '-', '') = ''
            then 'null_like'
        when
            length(split.alias_value) not between split.min_length and split.max_length
            or split.head != split.prefix
            or (split.charset = 'word' and {{ has_blank('split.alias_value') }})
            -- A token where an ID should stand: the redaction step found that it was none.
            or (split.charset = 'word' and substr(split.alias_value, 1, 4) = 'tok_')
            or (
                split.charset = 'hex'
                and translate(lower(split.rest), '0123456789abcdef', '') != ''
            )
            then 'malformed'
    end as unusable_reason
from split
left join {{ ref('null_like_value') }} as null_like
    on lower(split.alias_value) = null_like.alias_value
