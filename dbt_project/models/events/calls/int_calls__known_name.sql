-- One row per call of whose customer some record knows the name: keyed tokens of its words.
with

known as (
    {%- for model in [
        'stg_amazon_connect__contact_record', 'stg_livekit__webhook',
        'stg_livekit__session_report', 'stg_zendesk__ticket'
    ] %}
    {{ 'union all' if not loop.first }}
    {{ unnested(staged(model), 'known_name_tokens', 'record_id') }}
    {%- endfor %}
)

select
    link.canonical_call_id,
    {{ sorted_list('known.item') }} as name_tokens
from known
inner join {{ ref('int_identity__record_call') }} as link on known.record_id = link.record_id
group by link.canonical_call_id
