{# One row per record and fault, from a relation that has one boolean per fault. #}
{% macro list_issues(relation, entity, record_key, issues) -%}
    {%- for issue in issues %}
    {{ 'union all' if not loop.first }}
    select
        source_system,
        '{{ entity }}' as entity,
        {{ record_key }} as record_key,
        '{{ issue }}' as issue,
        branch_key,
        department_key
    from {{ relation }}
    where {{ issue }}
    {%- endfor %}
{%- endmacro %}
