{{ config(
    description="Occupied bed time, by hour and by day = time of all measurable"
        ~ " stays, exactly."
) }}

with

by_hour as (

    select
        bed_cells.source_system,
        sum(occupied.occupied_bed_microseconds) as occupied_microseconds
    from {{ ref('bed_cell_hours') }} as occupied
    inner join {{ ref('bed_cells') }} as bed_cells
        on occupied.bed_cell_number = bed_cells.bed_cell_number
    group by bed_cells.source_system

),

by_day as (

    select
        bed_cells.source_system,
        sum(occupied.occupied_bed_microseconds) as occupied_microseconds
    from {{ ref('bed_cell_days') }} as occupied
    inner join {{ ref('bed_cells') }} as bed_cells
        on occupied.bed_cell_number = bed_cells.bed_cell_number
    group by bed_cells.source_system

),

stays as (

    select
        source_system,
        sum({{ microseconds_between('admitted_at_utc', 'occupied_until_utc') }})
            as stay_microseconds
    from {{ ref('admissions') }}
    where is_measurable
    group by source_system

)

select
    stays.source_system,
    stays.stay_microseconds,
    by_day.occupied_microseconds as microseconds_by_day,
    by_hour.occupied_microseconds as microseconds_by_hour
from stays
left join by_hour on stays.source_system = by_hour.source_system
left join by_day on stays.source_system = by_day.source_system
where
    coalesce(by_day.occupied_microseconds, -1) <> stays.stay_microseconds
    or coalesce(by_hour.occupied_microseconds, -1) <> stays.stay_microseconds
