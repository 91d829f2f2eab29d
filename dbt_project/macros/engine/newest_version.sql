{#-
    Keeps the newest version of each record of `relation`, which has record_columns() and
    source_version (a number, larger is newer; null where the provider gives no version).
    The provider's version decides; arrival only breaks ties, then the content hash, so that the
    winner does not depend on the order in which objects are read.

    first_landed_at is when the first version landed: call IDs hang on it, and must not move when a
    record is delivered again. With `earliest`, that column's least value over all versions is kept too,
    as first_<column>, for records whose own start would otherwise move.
-#}
{% macro newest_version(relation, earliest=none) -%}
    select * exclude (version_rank)
    from (
        select
            *,
            {% if earliest -%}
            min({{ earliest }}) over (partition by record_key) as first_{{ earliest }},
            {% endif -%}
            min(landed_at) over (partition by record_key) as first_landed_at,
            row_number() over (
                partition by record_key
                order by
                    source_version desc nulls last,
                    landed_at desc,
                    record_hash desc,
                    landing_object desc,
                    landing_line desc
            ) as version_rank
        from {{ relation }}
    ) as ranked
    where version_rank = 1
{%- endmacro %}
