{#- Edges of the levels of a time difference, in milliseconds: fine where clocks are good. -#}
{% macro difference_edges_ms() -%}
    {{ return([
        50, 150, 250, 350, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 5000, 7000,
        10000, 15000, 20000, 60000, 180000
    ]) }}
{%- endmacro %}

{#- The level of a difference in milliseconds: -21 to 21, the sign kept; null where it is unknown. -#}
{% macro difference_level(column) -%}
    sign({{ column }}) * case
        {%- for edge in difference_edges_ms() %}
        when abs({{ column }}) < {{ edge }} then {{ loop.index }}
        {%- endfor %}
        when {{ column }} is not null then {{ difference_edges_ms() | length + 1 }}
    end
{%- endmacro %}

{#- Whether two sides state the same value, another one, or one of them none. -#}
{% macro agreement(left_column, right_column) -%}
    case
        when {{ left_column }} is null or {{ right_column }} is null then 'missing'
        when {{ left_column }} = {{ right_column }} then 'equal'
        else 'different'
    end
{%- endmacro %}

{#-
    Two values that need not be equal to go together: a telephony account and an agent's project, a
    reason in the IVR and one in the agent. Which do is learnt from calls whose keys are known.
-#}
{% macro pairing(left_column, right_column) -%}
    case
        when {{ left_column }} is null or {{ right_column }} is null then 'missing'
        else {{ left_column }} || ' > ' || {{ right_column }}
    end
{%- endmacro %}

{#-
    The level of each feature of a candidate, by the feature's name (seed match_feature). An equal
    caller says less the more calls of the day it is on; a difference of ends is judged among calls
    as short or long as this one.
-#}
{% macro feature_levels() -%}
    {{ return({
        'start': "cast(" ~ difference_level('start_difference_ms') ~ " as varchar)",
        'end': "cast(" ~ difference_level('end_difference_ms') ~ " as varchar)"
            ~ " || case when left_duration_ms < 10000 then ' short'"
            ~ " when left_duration_ms < 60000 then ' middling' else ' long' end",
        'caller': "case when caller_match != 'equal' then caller_match"
            ~ " when caller_count = 1 then 'equal' when caller_count <= 3 then 'equal of few'"
            ~ " when caller_count <= 20 then 'equal of some' else 'equal of many' end",
        'called': 'called_match',
        'account': 'account_pairing',
        'environment': 'environment_pairing',
        'direction': 'direction_pairing',
        'region': 'region_pairing',
        'language': 'language_pairing',
        'reason': 'reason_pairing',
    }) }}
{%- endmacro %}
