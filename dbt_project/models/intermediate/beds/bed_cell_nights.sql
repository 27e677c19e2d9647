{# Running sums over the days on which something changes: the cost is changes plus
   nights of the result, never stays times nights. #}
with

cells as (

    select * from {{ ref('bed_cells') }}

),

source_days as (

    select * from {{ ref('source_days') }}

),

first_days as (

    select distinct
        source_system,
        first_day
    from source_days

),

changes as (

    select
        source_system,
        bed_cell_key,
        started_on as changes_on,
        1 as occupied,
        0 as physical,
        0 as staffed
    from {{ ref('bed_stays') }}
    union all
    select
        source_system,
        bed_cell_key,
        nights_until as changes_on,
        -1 as occupied,
        0 as physical,
        0 as staffed
    from {{ ref('bed_stays') }}
    union all
    select
        source_system,
        bed_cell_key,
        opened_on as changes_on,
        0 as occupied,
        1 as physical,
        cast(is_staffed as integer) as staffed
    from {{ ref('beds') }}
    where coalesce(closed_on > opened_on, true)
    union all
    select
        source_system,
        bed_cell_key,
        closed_on as changes_on,
        0 as occupied,
        -1 as physical,
        -cast(is_staffed as integer) as staffed
    from {{ ref('beds') }}
    where closed_on is not null and coalesce(closed_on > opened_on, true)

),

-- what was before the first day counts from the first day
daily_changes as (

    select
        bed_cells.bed_cell_number,
        greatest(changes.changes_on, first_days.first_day) as changes_on,
        cast(sum(changes.occupied) as integer) as occupied,
        cast(sum(changes.physical) as integer) as physical,
        cast(sum(changes.staffed) as integer) as staffed
    from changes
    inner join cells as bed_cells on changes.bed_cell_key = bed_cells.bed_cell_key
    inner join first_days on changes.source_system = first_days.source_system
    group by
        bed_cells.bed_cell_number, greatest(changes.changes_on, first_days.first_day)

),

grid as (

    select
        cells.source_system,
        cells.bed_cell_number,
        cells.has_bed_register,
        source_days.date_day
    from cells
    inner join source_days on cells.source_system = source_days.source_system

),

summed as (

    select
        grid.*,
        sum(coalesce(daily_changes.occupied, 0)) over running as occupied,
        sum(coalesce(daily_changes.physical, 0)) over running as physical,
        sum(coalesce(daily_changes.staffed, 0)) over running as staffed
    from grid
    left join daily_changes
        on
            grid.bed_cell_number = daily_changes.bed_cell_number
            and grid.date_day = daily_changes.changes_on
    window running as (partition by grid.bed_cell_number order by grid.date_day)

),

final as (

    select
        source_system,
        bed_cell_number,
        date_day,
        cast(occupied as integer) as occupied_beds_midnight,
        case when has_bed_register then cast(physical as integer) end as physical_beds,
        case when has_bed_register then cast(staffed as integer) end as available_beds
    from summed

)

select * from final
