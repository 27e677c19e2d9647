{# A bed that fills at 10:20 adds 40 minutes to its hour and a whole bed to each hour
   after it; one that empties takes the same away. So sums over changes, run along the
   hours of a month, give exact bed hours without a row per stay and hour. #}
{{ built_in_months('date_day', changed({
    'bed_moments': 'changes_at', 'local_hours': 'date_day'
})) }}

with

hours as (

    select * from {{ ref('local_hours') }}
    where {{ is_in_touched_month('date_day') }}

),

first_hours as (

    select
        source_system,
        time_zone,
        min(hour_starts_at) as hour_starts_at
    from {{ ref('local_hours') }}
    group by source_system, time_zone

),

-- what was before the first hour counts from its beginning; what was before its month
-- has been carried over
moments as (

    select
        bed_moments.source_system,
        bed_moments.time_zone,
        bed_moments.bed_cell_number,
        bed_moments.change + bed_moments.carried_beds as change,
        bed_moments.changes_at_utc,
        {{ dbt.date_trunc(
            'hour', 'greatest(bed_moments.changes_at, first_hours.hour_starts_at)'
        ) }} as hour_starts_at
    from {{ ref('bed_moments') }} as bed_moments
    inner join first_hours
        on
            bed_moments.source_system = first_hours.source_system
            and bed_moments.time_zone = first_hours.time_zone
            and bed_moments.changes_at
            >= {{ dbt.date_trunc('month', 'first_hours.hour_starts_at') }}
    where {{ is_in_touched_month('bed_moments.changes_at') }}

),

into_the_hour as (

    select
        moments.bed_cell_number,
        moments.hour_starts_at,
        moments.change,
        greatest(
            {{ seconds_between('hours.hour_starts_at_utc', 'moments.changes_at_utc') }},
            0
        ) as seconds_before
    from moments
    inner join hours
        on
            moments.source_system = hours.source_system
            and moments.time_zone = hours.time_zone
            and moments.hour_starts_at = hours.hour_starts_at

),

hourly_changes as (

    select
        bed_cell_number,
        hour_starts_at,
        cast(sum(change) as integer) as change,
        cast(sum(case when seconds_before = 0 then change else 0 end) as integer)
            as change_at_start,
        sum(change * seconds_before) as seconds_not_changed
    from into_the_hour
    group by bed_cell_number, hour_starts_at

),

grid as (

    select
        bed_cells.bed_cell_number,
        hours.hour_starts_at,
        hours.elapsed_seconds
    from {{ ref('bed_cells') }} as bed_cells
    inner join hours
        on
            bed_cells.source_system = hours.source_system
            and bed_cells.time_zone = hours.time_zone

),

summed as (

    select
        grid.*,
        coalesce(hourly_changes.change, 0) as change,
        coalesce(hourly_changes.change_at_start, 0) as change_at_start,
        coalesce(hourly_changes.seconds_not_changed, 0) as seconds_not_changed,
        sum(coalesce(hourly_changes.change, 0)) over (
            partition by
                grid.bed_cell_number,
                {{ dbt.date_trunc('month', 'grid.hour_starts_at') }}
            order by grid.hour_starts_at
        ) as occupied_at_end
    from grid
    left join hourly_changes
        on
            grid.bed_cell_number = hourly_changes.bed_cell_number
            and grid.hour_starts_at = hourly_changes.hour_starts_at

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
