{# How far back from as_of stays are measured, almost 45 years: one mistyped year must not
   fill the grids of nights and hours. #}
{% macro longest_history_days() -%}
    {{ return(16384) }}
{%- endmacro %}
