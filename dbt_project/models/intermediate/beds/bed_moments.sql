{# How many beds of a cell are occupied from each moment on at which that changes. #}
with

changes as (

    select
        bed_cell_key,
        started_at_utc as changes_at_utc,
        1 as change
    from {{ ref('bed_stays') }}
    union all
    select
        bed_cell_key,
        occupied_until_utc as changes_at_utc,
        -1 as change
    from {{ ref('bed_stays') }}

),

-- who leaves at the moment at which another comes was not there together with them
moments as (

    select
        bed_cells.bed_cell_number,
        bed_cells.source_system,
        bed_cells.time_zone,
        changes.changes_at_utc,
        sum(changes.change) as change
    from changes
    inner join {{ ref('bed_cells') }} as bed_cells
        on changes.bed_cell_key = bed_cells.bed_cell_key
    group by
        bed_cells.bed_cell_number,
        bed_cells.source_system,
        bed_cells.time_zone,
        changes.changes_at_utc

),

final as (

    select
        source_system,
        time_zone,
        bed_cell_number,
        changes_at_utc,
        {{ local_of('changes_at_utc', 'time_zone') }} as changes_at,
        cast(change as integer) as change,
        cast(sum(change) over (
            partition by bed_cell_number order by changes_at_utc
        ) as integer) as occupied_beds
    from moments

)

select * from final
