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


{# The days of the model's cells that are new, told otherwise or no more, and those days of
   all cells that changed: `days` have them, and columns by which they are a cell's. #}
{% macro touched_cells(days, by) %}
    {{ touched_by('bed_cells', ['date_day', 'bed_cell_number'], ['bed_cell_number']) }}
    {%- for days_of, cells in [
        (changes(days), upstream('bed_cells')), (upstream(days), changes('bed_cells')),
    ] %}
    union all
    select days.date_day, cells.bed_cell_number
    from {{ days_of }} as days
    inner join {{ cells }} as cells
        on (days.{{ by | join(', days.') }}) = (cells.{{ by | join(', cells.') }})
    {%- endfor %}
{%- endmacro %}


{# The nights of the model's cells of which the register of beds tells otherwise now: a
   bed's row speaks for all the time in which it stands; that a system has a register at
   all, for all of its cells. #}
{% macro touched_by_registered_beds() %}
    select source_days.date_day, {{ short_key('beds.bed_cell_key') }}
    from {{ changes('beds') }} as beds
    inner join {{ upstream('source_days') }} as source_days
        on beds.source_system = source_days.source_system
    union all
    select date_day, bed_cell_number
    from {{ this }}
    where
        source_system in (select source_system from {{ changes('beds') }})
        and (physical_beds is not null)
        <> (source_system in (select source_system from {{ upstream('beds') }}))
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
