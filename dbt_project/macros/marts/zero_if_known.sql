{# Nothing on one day is 0 if the source system ever has the figure, and unknown if not. #}
{% macro zero_if_known(column) -%}
    coalesce({{ column }}, case
        when count({{ column }}) over (partition by source_system) > 0 then 0
    end)
{%- endmacro %}
