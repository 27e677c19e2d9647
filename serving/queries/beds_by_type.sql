-- Occupancy by bed type over the period, pooled: sums first, then one division.
select
    bed_type,
    sum(occupied_beds_midnight) as bed_days,
    sum(available_beds) as available_bed_days,
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
group by bed_type
order by occupancy_pct desc nulls last, bed_days desc, bed_type asc
