{#-
    Keeps the newest version of each record of `relation`, which has record_columns() and
    source_version (a number, larger is newer; null where the provider gives no version).
    The provider's version decides; arrival only breaks ties, then the content hash, so that the
    winner does not depend on the order in which objects are read.
-#}
{% macro newest_version(relation) -%}
    select * exclude (version_rank)
    from (
        select
            *,
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
