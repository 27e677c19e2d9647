{# What the warehouse's planner needs to know of a table before others read it; between
   two models of a night nothing else would tell it. #}
{% macro gather_statistics() -%}
    {{ return(adapter.dispatch('gather_statistics', 'wardline')()) }}
{%- endmacro %}

{% macro default__gather_statistics() %}{% endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if config.get('materialized') == 'table' -%} analyze {{ this }} {%- endif -%}
{%- endmacro %}
