-- One row per sidecar or reject note that is there or that the last finished run has read.
{% set folder = redacted_folder() %}
with

listed as (
    {% for kind in ['objects', 'rejects'] %}
    select
        '{{ kind }}' as kind,
        file,
        {{ path_in_zone('file') }} as file_name
    from ({{ files_matching(folder ~ '/_' ~ kind ~ '/**/*.json') }}) as found
    where file not like '%/\_empty.json' escape '\'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

{% if is_partial() %}
select
    coalesce(listed.kind, built.kind) as kind,
    listed.file,
    coalesce(listed.file_name, built.file_name) as file_name,
    built.file_name is null as is_new,
    listed.file_name is null as is_gone
from listed
full outer join {{ built_object() }} as built
    on listed.kind = built.kind and listed.file_name = built.file_name
{% else %}
select
    *,
    true as is_new,
    false as is_gone
from listed
{% endif %}
