{# A bed that fills at 10:20 adds 40 minutes to its hour and a whole bed to each hour
   after it; one that empties takes the same away. So sums over changes, run along the
   hours, give exact bed hours without a row per stay and hour. #}
with

cells as (

    select
        source_system,
        bed_cell_key
    from {{ ref('bed_cells') }}

),

hour_numbers as (

    {{ dbt.generate_series(24) }}

),

hours as (

    select
        source_days.source_system,
        {{ dbt.dateadd(
            'hour', 'hour_numbers.generated_number - 1',
            'cast(source_days.date_day as timestamp)'
        ) }} as hour_starts_at
    from {{ ref('source_days') }} as source_days
    cross join hour_numbers

),

bounds as (

    select
        hours.source_system,
        min(hours.hour_starts_at) as first_hour
    from hours
    group by hours.source_system

),

moments as (

    select
        bed_moments.bed_cell_key,
        bed_moments.change,
        greatest(bed_moments.changes_at, bounds.first_hour) as changes_at,
        {{ dbt.date_trunc(
            'hour', 'greatest(bed_moments.changes_at, bounds.first_hour)'
        ) }} as hour_starts_at
    from {{ ref('bed_moments') }} as bed_moments
    inner join bounds on bed_moments.source_system = bounds.source_system

),

hourly_changes as (

    select
        bed_cell_key,
        hour_starts_at,
        cast(sum(change) as integer) as change,
        cast(sum(
            case when changes_at = hour_starts_at then change else 0 end
        ) as integer) as change_at_start,
        sum(change * {{ seconds_between('hour_starts_at', 'changes_at') }})
            as seconds_not_changed
    from moments
    group by bed_cell_key, hour_starts_at

),

grid as (

    select
        cells.source_system,
        cells.bed_cell_key,
        hours.hour_starts_at
    from cells
    inner join hours on cells.source_system = hours.source_system
    inner join {{ ref('source_systems') }} as source_systems
        on
            hours.source_system = source_systems.source_system
            and hours.hour_starts_at <= source_systems.as_of

),

summed as (

    select
        grid.*,
        coalesce(hourly_changes.change, 0) as change,
        coalesce(hourly_changes.change_at_start, 0) as change_at_start,
        coalesce(hourly_changes.seconds_not_changed, 0) as seconds_not_changed,
        sum(coalesce(hourly_changes.change, 0)) over (
            partition by grid.bed_cell_key order by grid.hour_starts_at
        ) as occupied_at_end
    from grid
    left join hourly_changes
        on
            grid.bed_cell_key = hourly_changes.bed_cell_key
            and grid.hour_starts_at = hourly_changes.hour_starts_at

),

final as (

    select
        source_system,
        bed_cell_key,
        hour_starts_at,
        cast(hour_starts_at as date) as date_day,
        cast(occupied_at_end - change + change_at_start as integer) as occupied_beds,
        occupied_at_end * 3600 - seconds_not_changed as occupied_bed_seconds
    from summed

)

select * from final
