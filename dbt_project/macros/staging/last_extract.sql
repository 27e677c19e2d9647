{#-
    The moment that the last extract of a source table speaks for: what dbt compares with
    the clock in `dbt source freshness`, and Wardline in its alert "extract late".
-#}
{% macro last_extract() -%}
select {{ moment_of('max(as_of)', hospital_time_zone()) }}
from ops.last_extracts({{ hospital_time_zone() }})
where source_system = '{{ model.source_name }}' and table_name = '{{ model.name }}'
{%- endmacro %}
