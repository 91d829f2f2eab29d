-- One row per event that an executed flow block states.
{{ config(materialized='scratch_view') }}
with

blocks as (
    select
        log.*,
        known.value is not null as is_known_module,
        known.event_type as module_event_type,
        outcome.meaning,
        row_number() over (
            partition by log.contact_id, log.flow_id order by log.occurred_at, log.record_key
        ) as flow_position,
        row_number() over (
            partition by log.contact_id, log.flow_id, log.block_id, log.module_type
            order by log.occurred_at, log.record_key
        ) as attempt_number
    from {{ staged('stg_amazon_connect__flow_log') }} as log
    left join {{ ref('provider_value') }} as known
        on
            log.module_type = known.value
            and known.provider = 'amazon_connect'
            and known.field = 'module_type'
    left join {{ ref('ivr_result') }} as outcome
        on log.module_type = outcome.module_type and lower(trim(log.result)) = outcome.result
),

typed as (
    select
        *,
        case
            when not is_known_module then 'provider.unrecognised'
            when module_type = 'GetUserInput' and result is null then 'ivr.prompt_played'
            when module_event_type not in ('ivr.menu_option_selected', 'ivr.input_collected')
                then module_event_type
            when meaning = 'timeout' then 'ivr.timeout'
            when meaning = 'no_match' then 'ivr.no_match'
            when meaning = 'error' then 'ivr.input_error'
            else module_event_type
        end as block_event_type
    from blocks
),

-- What is asked of the block's JSON is asked of the few blocks that have it.
detailed as (
    select
        *,
        case when block_event_type = 'ivr.prompt_played' then prompt_text end as prompt,
        case when block_event_type = 'ivr.menu_option_selected' then result end as selected_option,
        case when block_event_type = 'ivr.input_collected' then result end as collected_input,
        case
            when block_event_type in ('ivr.transferred', 'tool.called', 'provider.unrecognised')
                then result
        end as block_result,
        case when module_type = 'GetUserInput' then attempt_number end as menu_attempt,
        case
            when module_type = 'Transfer' then {{ json_text('parameters', 'TransferType') }}
        end as transfer_type,
        case
            when module_type = 'Transfer'
                then coalesce(
                    {{ json_text('parameters', 'PhoneNumber') }},
                    split_part({{ json_text('parameters', 'Queue') }}, '/', -1)
                )
        end as destination,
        case
            when module_type = 'InvokeExternalResource'
                then split_part({{ json_text('parameters', 'FunctionArn') }}, ':', 7)
        end as tool_name
    from typed
    where block_event_type is not null
),

flow_starts as (
    select
        {{ event_columns(
            'amazon_connect.flow_logs', 'ivr', 'ivr.flow_started', 'occurred_at', 1,
            details=['flow_name', ('flow_id', "split_part(flow_id, '/', -1)")], contact='contact_id'
        ) }}
    from blocks
    where flow_position = 1
),

block_events as (
    select
        {{ event_columns(
            'amazon_connect.flow_logs', 'ivr', '(block_event_type)', 'occurred_at', 1,
            sequence='flow_position',
            details=[
                'flow_name', 'block_id', 'module_type', 'selected_option',
                ('attempt_number', 'menu_attempt'), ('input', 'collected_input'),
                ('prompt_text', 'prompt'), 'transfer_type', 'destination', 'tool_name',
                ('result', 'block_result')
            ],
            sensitive="(block_event_type = 'ivr.input_collected')", contact='contact_id'
        ) }}
    from detailed
),

failures as (
    select
        {{ event_columns(
            'amazon_connect.flow_logs', 'ivr', 'tool.failed', 'occurred_at', 1,
            sequence='flow_position',
            details=['flow_name', 'block_id', 'tool_name', ('result', 'block_result')],
            contact='contact_id'
        ) }}
    from detailed
    where block_event_type = 'tool.called' and meaning = 'error'
)

select * from flow_starts
union all
select * from block_events
union all
select * from failures
