{# A bed cell is what occupancy is counted in: branch, department, ward and bed type,
   as far as the source knows them. One text, so that cells join on one column, nulls
   too. #}
{% macro bed_cell_key() -%}
    {%- set parts = ["source_system"] -%}
    {%- for column in ['department_key', 'branch_key', 'ward_key', 'bed_type'] -%}
        {%- do parts.extend(["'|'", "coalesce(" ~ column ~ ", '')"]) -%}
    {%- endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}
