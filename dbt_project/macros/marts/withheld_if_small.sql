{# A count that may leave the hospital: 1 to 10 people are withheld, since a reader who
   knows one of them learns the rest (CMS cell size suppression policy). #}
{% macro withheld_if_small(people) -%}
    case when {{ people }} not between 1 and 10 then {{ people }} end
{%- endmacro %}
