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


{# The days of wards of which something is told otherwise now: in parents that have a row
   for each cell and day, also of cells that are no more, or of a place that is told
   otherwise (touched_by_places). #}
{% macro touched_wards(own_day, parents) %}
    {%- for parent in parents %}
    select
        changed.date_day,
        coalesce(bed_cells.ward_key, '')
    from {{ changes(parent) }} as changed
    inner join (
        select bed_cell_number, ward_key from {{ upstream('bed_cells') }}
        union
        select bed_cell_number, ward_key from {{ changes('bed_cells') }}
    ) as bed_cells
        on changed.bed_cell_number = bed_cells.bed_cell_number
    union all
    {%- endfor %}
    {{ touched_by_places([own_day, "coalesce(ward_key, '')"], {
        'branches': 'branch_key', 'departments': 'department_key', 'wards': 'ward_key',
    }) }}
{%- endmacro %}
