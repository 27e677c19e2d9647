{# Whether the row's source system provides an entity (vars.source_systems). #}
{% macro provides(entity, source_system='source_system') -%}
    {%- set systems = [] -%}
    {%- for system, entities in var('source_systems').items() if entity in entities -%}
        {%- do systems.append("'" ~ system ~ "'") -%}
    {%- endfor -%}
    {{ source_system ~ ' in (' ~ systems | join(', ') ~ ')' if systems else '1 = 0' }}
{%- endmacro %}
