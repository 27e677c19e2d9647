{# 1 is Monday, 7 is Sunday (ISO 8601). Counted from a known Monday, so that it is the
   same on every warehouse. #}
{% macro iso_day_of_week(day) -%}
    {%- set days = dbt.datediff("cast('2001-01-01' as date)", day, 'day') -%}
    cast(1 + mod(mod({{ days }}, 7) + 7, 7) as integer)
{%- endmacro %}
