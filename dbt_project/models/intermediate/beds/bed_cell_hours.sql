{# A bed that fills at 10:20 adds 40 minutes to its hour and a whole bed to each hour
   after it; one that empties takes the same away. So sums over changes, run along the
   hours, give exact bed hours without a row per stay and hour. Changes and hours are
   stacked and summed, not joined: one sort, whatever the planner believes of them. #}
with

hours as (

    select * from {{ ref('local_hours') }}

),

first_hours as (

    select
        source_system,
        time_zone,
        min(hour_starts_at) as hour_starts_at
    from hours
    group by source_system, time_zone

),

-- what was before the first hour counts from its beginning
moments as (

    select
        bed_moments.bed_cell_number,
        bed_moments.time_zone,
        bed_moments.change,
        bed_moments.changes_at_utc,
        {{ dbt.date_trunc(
            'hour', 'greatest(bed_moments.changes_at, first_hours.hour_starts_at)'
        ) }} as hour_starts_at
    from {{ ref('bed_moments') }} as bed_moments
    inner join first_hours
        on
            bed_moments.source_system = first_hours.source_system
            and bed_moments.time_zone = first_hours.time_zone

),

into_the_hour as (

    select
        bed_cell_number,
        hour_starts_at,
        change,
        greatest({{ seconds_between(
            utc_of('hour_starts_at', 'time_zone'), 'changes_at_utc'
        ) }}, 0) as seconds_before
    from moments

),

stacked as (

    select
        bed_cells.bed_cell_number,
        hours.hour_starts_at,
        hours.elapsed_seconds,
        0 as change,
        0 as change_at_start,
        0 as seconds_not_changed
    from {{ ref('bed_cells') }} as bed_cells
    inner join hours
        on
            bed_cells.source_system = hours.source_system
            and bed_cells.time_zone = hours.time_zone
    union all
    select
        bed_cell_number,
        hour_starts_at,
        0 as elapsed_seconds,
        change,
        case when seconds_before = 0 then change else 0 end as change_at_start,
        change * seconds_before as seconds_not_changed
    from into_the_hour

),

hourly as (

    select
        bed_cell_number,
        hour_starts_at,
        sum(elapsed_seconds) as elapsed_seconds,
        cast(sum(change) as integer) as change,
        cast(sum(change_at_start) as integer) as change_at_start,
        sum(seconds_not_changed) as seconds_not_changed
    from stacked
    group by bed_cell_number, hour_starts_at

),

summed as (

    select
        *,
        sum(change) over (
            partition by bed_cell_number order by hour_starts_at
        ) as occupied_at_end
    from hourly

),

final as (

    select
        bed_cell_number,
        cast(hour_starts_at as date) as date_day,
        hour_starts_at,
        elapsed_seconds,
        cast(occupied_at_end - change + change_at_start as integer) as occupied_beds,
        occupied_at_end * elapsed_seconds - seconds_not_changed as occupied_bed_seconds
    from summed

)

select * from final
