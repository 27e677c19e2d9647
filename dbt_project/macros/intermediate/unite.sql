{# One entity of every source system that provides it (vars.source_systems), sound rows
   only, in canonical columns. What a system does not have is null; a department that is
   named without a branch is in the only branch that registers it. `part` names the
   columns of a record that tell to which part of the model it belongs, beside its source
   system; only touched parts are then read. #}
{% macro unite(entity, part=none) -%}
    {%- set columns = entity_columns(entity) -%}
    {#- Named while dbt parses too: this is what makes it a parent. -#}
    {%- set only_branches = ref('department_branches')
        if 'department_id' in columns and entity != 'departments' -%}
    {%- set ns = namespace(is_first=true) -%}
    {%- for system, entities in var('source_systems').items() if entity in entities %}
    {%- set staged = 'stg_' ~ system ~ '__' ~ entities[entity] -%}
    {%- set given = staged_columns(staged) -%}
    {%- set is_placed = only_branches and 'department_id' in given -%}
    {{ 'union all' if not ns.is_first }}
    select
        cast('{{ system }}' as {{ dbt.type_string() }}) as source_system,
        {%- for name, type in columns.items() %}
        {%- if name == 'branch_id' and is_placed %}
        coalesce(
            {{ 'staged.branch_id, ' if name in given }}only_branches.branch_id
        ) as branch_id,
        {%- else %}
        {{ 'staged.' ~ name if name in given else 'cast(null as ' ~ type_named(type) ~ ')' }}
            as {{ name }},
        {%- endif %}
        {%- endfor %}
        staged._batch_id
    from {{ ref(staged) }} as staged
    {%- if is_placed %}
    left join {{ only_branches }} as only_branches
        on
            only_branches.source_system = '{{ system }}'
            and only_branches.department_id = staged.department_id
    {%- endif %}
    where staged._faults is null
    {%- if part %}
        and {{ is_touched(["'" ~ system ~ "'"] + part) }}
    {%- endif %}
    {% set ns.is_first = false -%}
    {%- endfor %}
    {%- if ns.is_first %}
    select
        cast(null as {{ dbt.type_string() }}) as source_system,
        {%- for name, type in columns.items() %}
        cast(null as {{ type_named(type) }}) as {{ name }},
        {%- endfor %}
        cast(null as bigint) as _batch_id
    where 1 = 0
    {%- endif %}
{%- endmacro %}


{# The columns that a staging model documents; known once dbt has parsed the project. #}
{% macro staged_columns(model_name) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
    {{ return(node.columns.keys() | list) }}
{%- endmacro %}
