-- Occupancy by ward over the period, pooled: sums first, then one division.
select
    -- wards of one name in two branches are two wards; who lies in none is told apart
    -- by department
    concat_ws(
        ', ',
        coalesce(ward_name, 'no ward'),
        case when ward_name is null then department_name end,
        case
            when
                %(branch_key)s::text is null
                and (select count(*) from marts.dim_branch) > 1
                then branch_name
        end
    ) as ward_name,
    department_name,
    branch_name,
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
group by source_system, branch_name, department_name, ward_key, ward_name
order by occupancy_pct desc nulls last, bed_days desc, ward_name asc
