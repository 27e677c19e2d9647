{# Whether the row's source system provides an entity (vars.source_systems). #}
{% macro provides(entity, source_system='source_system') -%}
    {%- set systems = [] -%}
    {%- for system, entities in var('source_systems').items() if entity in entities -%}
        {%- do systems.append("'" ~ system ~ "'") -%}
    {%- endfor -%}
    {{ source_system ~ ' in (' ~ systems | join(', ') ~ ')' if systems else '1 = 0' }}
{%- endmacro %}


{# Whether a record names another that was not received. A source system that has no
   such records at all can still name them, and is not at fault. #}
{% macro names_unknown(entity, key, is_known, source_system='source_system') -%}
    {{ provides(entity, source_system) }}
        and {{ key }} is not null
        and not ({{ is_known }})
{%- endmacro %}
