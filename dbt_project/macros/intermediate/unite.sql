{# One entity of every source system that provides it (vars.source_systems), sound rows
   only, in canonical columns. What a system does not have is null. #}
{% macro unite(entity) -%}
    {%- set columns = entity_columns(entity) -%}
    {%- set ns = namespace(is_first=true) -%}
    {%- for system, entities in var('source_systems').items() if entity in entities %}
    {%- set staged = 'stg_' ~ system ~ '__' ~ entities[entity] -%}
    {%- set given = staged_columns(staged) -%}
    {{ 'union all' if not ns.is_first }}
    select
        cast('{{ system }}' as {{ dbt.type_string() }}) as source_system,
        {%- for name, type in columns.items() %}
        {{ 'cast(null as ' ~ type ~ ') as ' if name not in given }}{{ name }},
        {%- endfor %}
        _batch_id
    from {{ ref(staged) }}
    where _faults is null
    {% set ns.is_first = false -%}
    {%- endfor %}
    {%- if ns.is_first %}
    select
        cast(null as {{ dbt.type_string() }}) as source_system,
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }},
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
