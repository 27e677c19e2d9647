-- Patients in beds at each midnight and the beds there were.
select
    date_day,
    sum(occupied_beds_midnight) as occupied_beds_midnight,
    sum(available_beds) as available_beds,
    -- patients of places without a bed register are in no denominator
    round(
        100.0
        * sum(case when available_beds is not null then occupied_beds_midnight end)
        / nullif(sum(available_beds), 0),
        1
    ) as occupancy_pct
from marts.bed_occupancy_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by date_day
order by date_day
