{# How many beds of a cell are occupied from each moment on at which that changes. Who
   is there at as_of has not left. #}
with

changes as (

    select
        bed_cell_key,
        started_at_utc as changes_at_utc,
        is_open,
        1 as change
    from {{ ref('bed_stays') }}
    union all
    select
        bed_cell_key,
        occupied_until_utc as changes_at_utc,
        is_open,
        -1 as change
    from {{ ref('bed_stays') }}
    where not is_open

),

-- a time that the clock skipped may lie after the as_of that follows it
up_to_as_of as (

    select
        bed_cells.bed_cell_number,
        bed_cells.source_system,
        bed_cells.time_zone,
        changes.change,
        case
            when changes.is_open
                then least(changes.changes_at_utc, bed_cells.as_of_utc)
            else changes.changes_at_utc
        end as changes_at_utc
    from changes
    inner join {{ ref('bed_cells') }} as bed_cells
        on changes.bed_cell_key = bed_cells.bed_cell_key

),

-- who leaves at the moment at which another comes was not there together with them
moments as (

    select
        bed_cell_number,
        source_system,
        time_zone,
        changes_at_utc,
        sum(change) as change
    from up_to_as_of
    group by bed_cell_number, source_system, time_zone, changes_at_utc

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
