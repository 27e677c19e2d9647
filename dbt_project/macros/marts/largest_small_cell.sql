{# A count of 1 to 10 people may not leave the hospital, since a reader who knows one of
   them learns the rest (CMS cell size suppression policy). #}
{% macro largest_small_cell() -%} 10 {%- endmacro %}
