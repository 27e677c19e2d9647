-- How full the beds are hour by hour: once by weekday and hour (weekday is not null),
-- once by day with its highest hour (date_day is not null). Wards' own peaks may not be
-- added up, for they do not fall together; so all beds are summed first, hour by hour.
with parts as (
    select
        hour_starts_at,
        elapsed_hours,
        available_beds is not null as is_registered,
        sum(occupied_beds) as occupied_beds,
        sum(available_beds) as available_beds,
        sum(occupied_bed_hours) as occupied_bed_hours
    from marts.bed_occupancy_hourly
    where
        hour_starts_at >= %(date_from)s
        and hour_starts_at < %(date_to)s::date + 1
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by hour_starts_at, elapsed_hours, is_registered
),

hours as (
    select
        hour_starts_at::date as day,
        extract(isodow from hour_starts_at)::integer as iso_weekday,
        extract(hour from hour_starts_at)::integer as hour_of_day,
        sum(occupied_beds) as occupied_beds,
        sum(available_beds) as available_beds,
        sum(occupied_bed_hours) as occupied_bed_hours,
        sum(occupied_bed_hours) filter (where is_registered)
            as occupied_hours_of_available,
        sum(available_beds * elapsed_hours) as available_bed_hours,
        max(elapsed_hours) as elapsed_hours
    from parts
    group by hour_starts_at
)

select
    day as date_day,
    iso_weekday as weekday,
    hour_of_day as hour,
    max(occupied_beds) as peak_occupied_beds,
    max(available_beds) as available_beds,
    round(sum(occupied_bed_hours) / nullif(sum(elapsed_hours), 0), 1)
        as average_occupied_beds,
    round(
        100 * sum(occupied_hours_of_available) / nullif(sum(available_bed_hours), 0), 1
    ) as occupancy_pct
from hours
group by grouping sets ((day), (iso_weekday, hour_of_day))
order by date_day, weekday, hour
