{# How many rows of a group meet a condition; 0 when none does. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}
