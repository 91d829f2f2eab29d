{#- Whether a text holds white space. -#}
{% macro has_blank(column) -%}
    {{ return(adapter.dispatch('has_blank')(column)) }}
{%- endmacro %}

{% macro duckdb__has_blank(column) -%}
    regexp_matches({{ column }}, '\s')
{%- endmacro %}

{#- Those of a list of {start, end, token} whose token is in a list of tokens; never null. -#}
{% macro matching_spans(spans, tokens) -%}
    {{ return(adapter.dispatch('matching_spans')(spans, tokens)) }}
{%- endmacro %}

{% macro duckdb__matching_spans(spans, tokens) -%}
    coalesce(list_filter({{ spans }}, lambda s: list_contains({{ tokens }}, s.token)), [])
{%- endmacro %}

{#- A text with a mask in the place of each span (offsets in code points, the end excluded). -#}
{% macro spans_masked(text, spans, mask) -%}
    {{ return(adapter.dispatch('spans_masked')(text, spans, mask)) }}
{%- endmacro %}

{% macro duckdb__spans_masked(text, spans, mask) -%}
    case
        when len({{ spans }}) = 0 then {{ text }}
        else array_to_string(
            list_transform(
                generate_series(1, length({{ text }})),
                lambda i: case
                    when len(list_filter({{ spans }}, lambda s: s.start + 1 = i)) > 0
                        then '{{ mask }}'
                    when len(list_filter({{ spans }}, lambda s: s.start < i and i <= s."end")) > 0
                        then ''
                    else substr({{ text }}, i, 1)
                end
            ),
            ''
        )
    end
{%- endmacro %}

{#- A text with a mask for each word that stands in a span of another text, in any case. -#}
{% macro words_masked(text, of_text, spans, mask) -%}
    {{ return(adapter.dispatch('words_masked')(text, of_text, spans, mask)) }}
{%- endmacro %}

{% macro duckdb__words_masked(text, of_text, spans, mask) -%}
    case
        when len({{ spans }}) = 0 then {{ text }}
        else list_reduce(
            list_prepend(
                {{ text }},
                list_transform(
                    {{ spans }}, lambda s: substr({{ of_text }}, s.start + 1, s."end" - s.start)
                )
            ),
            lambda masked, word: regexp_replace(
                masked, '(?i)\b' || regexp_escape(word) || '\b', '{{ mask }}', 'g'
            )
        )
    end
{%- endmacro %}

{#- A list with one more element, unless it is there; null is an empty list. -#}
{% macro with_element(list, element) -%}
    {{ return(adapter.dispatch('with_element')(list, element)) }}
{%- endmacro %}

{% macro duckdb__with_element(list, element) -%}
    list_sort(list_distinct(list_append(coalesce({{ list }}, []), {{ element }})))
{%- endmacro %}
