{# What the warehouse's planner needs to know of a table before others read it; between
   two models of a night nothing else would tell it. #}
{% macro gather_statistics() -%}
    {%- if execute -%}
        {{ return(adapter.dispatch('gather_statistics', 'wardline')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__gather_statistics() %}{% endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized in ('table', 'incremental')
        and not is_built_in_parts() -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
