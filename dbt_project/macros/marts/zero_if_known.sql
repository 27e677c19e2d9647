{# Nothing on one day is 0 if the source system ever has the figure, and unknown if not.
   types is {name: type}. #}
{% macro zero_if_known(types) -%}
    {%- for name, type in types.items() -%}
    cast(coalesce({{ name }}, case
        when count({{ name }}) over (partition by source_system) > 0 then 0
    end) as {{ type_named(type) }}) as {{ name }}{{ ',
    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
