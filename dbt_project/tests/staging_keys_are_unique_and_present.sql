{% for staged in staged_tables() %}
{%- set relation = ref(staged.model) -%}
{%- if execute -%}
{%- set node = graph.nodes[["model", project_name, staged.model] | join(".")] -%}
{%- set key = node.config.unique_key -%}
select
    '{{ staged.model }}' as staging_model,
    count(*) as faulty_keys
from (
    select {{ key | join(", ") }}
    from {{ relation }}
    where _faults is null and {{ has_changed(staged.model, key) }}
    group by {{ key | join(", ") }}
    having count(*) > 1
    union all
    select {{ key | join(", ") }}
    from {{ relation }}
    where
        _faults is null and {{ has_changed(staged.model, lineage()) }}
        and ({{ key | join(" is null or ") }} is null)
) as faulty
having count(*) > 0
{% if not loop.last %}
union all
{% endif %}
{%- endif -%}
{% endfor %}
