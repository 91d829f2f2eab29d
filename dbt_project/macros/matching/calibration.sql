{#-
    A table of the pinned calibration (orchestration/matching): JSON lines in the folder that
    CALLSTORY_MATCHING_DIR names. Without one there are no rows, and so no heuristic links.
-#}
{% macro calibrated(name) -%}
    {%- set columns = {
        'clock': {
            'pair': 'VARCHAR', 'day': 'DATE', 'role': 'VARCHAR', 'clock_source': 'VARCHAR',
            'offset_ms': 'BIGINT', 'basis': 'VARCHAR', 'pair_count': 'BIGINT'
        },
        'day': {
            'pair': 'VARCHAR', 'day': 'DATE', 'window_ms': 'BIGINT', 'partner_share': 'DOUBLE',
            'refused_reason': 'VARCHAR'
        },
        'weight': {
            'pair': 'VARCHAR', 'feature': 'VARCHAR', 'level': 'VARCHAR', 'm': 'DOUBLE',
            'u': 'DOUBLE', 'weight': 'DOUBLE'
        },
        'confidence': {'pair': 'VARCHAR', 'intercept': 'DOUBLE', 'slope': 'DOUBLE'},
        'quality': {
            'pair': 'VARCHAR', 'day': 'DATE', 'traffic': 'VARCHAR', 'calls': 'BIGINT',
            'linked': 'BIGINT', 'right_links': 'BIGINT', 'link_precision': 'DOUBLE', 'precision_low': 'DOUBLE',
            'precision_high': 'DOUBLE', 'recall': 'DOUBLE', 'recall_low': 'DOUBLE',
            'recall_high': 'DOUBLE', 'abstained': 'DOUBLE', 'refused_reason': 'VARCHAR'
        },
        'decile': {
            'pair': 'VARCHAR', 'decile': 'BIGINT', 'candidates': 'BIGINT', 'confidence': 'DOUBLE',
            'true_share': 'DOUBLE', 'true_share_low': 'DOUBLE', 'true_share_high': 'DOUBLE'
        },
    }[name] -%}
    {%- set folder = env_var('CALLSTORY_MATCHING_DIR', '') -%}
    {%- if folder -%}
        {{ return(json_lines(folder ~ '/' ~ name ~ '.jsonl', columns)) }}
    {%- endif -%}
    (select {% for column, type in columns.items() %}cast(null as {{ type }}) as "{{ column }}"
        {{- ', ' if not loop.last }}{% endfor %} where false)
{%- endmacro %}

{#- The name of the pinned calibration: the last part of its folder's path. -#}
{% macro calibration_version() -%}
    {{ return(env_var('CALLSTORY_MATCHING_DIR', '').rstrip('/').split('/')[-1]) }}
{%- endmacro %}

{#- The features that the pinned calibration has weights of: a join less for each of the others. -#}
{% macro calibrated_features() -%}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}{{ return([]) }}{%- endif -%}
    {{ return(run_query(
        'select distinct feature from ' ~ calibrated('weight') ~ ' order by 1'
    ).columns[0].values() | list) }}
{%- endmacro %}
