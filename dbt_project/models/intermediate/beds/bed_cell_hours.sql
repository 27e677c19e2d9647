{# A bed that fills at 10:20 adds 40 minutes to its hour and a whole bed to each hour
   after it; one that empties takes the same away. So sums over changes, run along the
   hours of a month, give exact bed hours without a row per stay and hour. #}
{%- set touched -%}
    {{ changed({'bed_moments': 'changes_at'}, of=['bed_cell_number']) }}
    union all
    {{ touched_cells('local_hours', ['source_system', 'time_zone']) }}
{%- endset -%}
{{ built_in_months('date_day', touched, ['bed_cell_number']) }}

with

hours as (

    select
        *,
        {{ month_of('date_day') }} as month_start,
        {{ hours_of('elapsed_microseconds') }} as elapsed_hours
    from {{ ref('local_hours') }}
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
    where {{ is_in_touched_month(
        'bed_moments.changes_at', of=['bed_moments.bed_cell_number']
    ) }}

),

into_the_hour as (

    select
        moments.bed_cell_number,
        moments.hour_starts_at,
        moments.change,
        greatest({{ microseconds_between(
            'hours.hour_starts_at_utc', 'moments.changes_at_utc'
        ) }}, 0) as microseconds_before
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
        cast(sum(case when microseconds_before = 0 then change else 0 end) as integer)
            as change_at_start,
        cast(sum(change * microseconds_before) as bigint) as microseconds_not_changed
    from into_the_hour
    group by bed_cell_number, hour_starts_at

),

cells as (

    select
        bed_cell_number,
        source_system,
        time_zone
    from {{ ref('bed_cells') }}
    order by bed_cell_number

),

-- cell by cell and each one's hours in their order, as the sums below want them:
-- millions of rows that are in order already are sorted in no time
grid as (

    select
        cells.bed_cell_number,
        hours_of_cell.date_day,
        hours_of_cell.month_start,
        hours_of_cell.hour_starts_at,
        hours_of_cell.elapsed_microseconds,
        hours_of_cell.elapsed_hours
    from cells
    cross join
        lateral (
            select hours.* from hours
            where
                hours.source_system = cells.source_system
                and hours.time_zone = cells.time_zone
                and {{ is_in_touched_month(
                    'hours.date_day', of=['cells.bed_cell_number']
                ) }}
            order by hours.hour_starts_at
        ) as hours_of_cell

),

summed as (

    select
        grid.*,
        coalesce(hourly_changes.change, 0) as change,
        coalesce(hourly_changes.change_at_start, 0) as change_at_start,
        coalesce(hourly_changes.microseconds_not_changed, 0)
            as microseconds_not_changed,
        sum(coalesce(hourly_changes.change, 0)) over (
            partition by grid.bed_cell_number, grid.month_start
            order by grid.hour_starts_at
            rows unbounded preceding
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
        date_day,
        hour_starts_at,
        elapsed_hours,
        cast(occupied_at_end - change + change_at_start as integer) as occupied_beds,
        occupied_at_end * elapsed_microseconds - microseconds_not_changed
            as occupied_bed_microseconds
    from summed

)

select * from final
