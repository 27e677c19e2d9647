{# Columns for one part of a union: what the part gives (name: expression), cast to its
   type, and null for every other name. types is {name: type}. #}
{% macro given_or_null(types, given) -%}
    {%- for name, type in types.items() -%}
    cast({{ given.get(name, 'null') }} as {{ type_named(type) }}) as {{ name }}{{ ',
    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# Sums of columns under their own names, in their own types. #}
{% macro summed(types) -%}
    {%- for name, type in types.items() -%}
    cast(sum({{ name }}) as {{ type_named(type) }}) as {{ name }}{{ ',
    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
