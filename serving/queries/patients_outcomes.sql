-- Deaths and readmissions by month of discharge, and of each month by department (level
-- says which), over the whole months that the period touches. Small numbers are not
-- withheld here but where the rows are shown, for that needs all cells at once.
select
    case when grouping(source_system) = 1 then 'month' else 'department' end as level,
    month_start,
    source_system,
    branch_key,
    department_key,
    -- departments of one name in two branches are two departments
    case
        when
            %(branch_key)s::text is null
            and (select count(*) from marts.dim_branch) > 1
            and branch_name is not null
            then concat_ws(', ', coalesce(department_name, 'not known'), branch_name)
        else department_name
    end as department_name,
    sum(discharges) as discharges,
    sum(deaths) as deaths,
    round(100.0 * sum(deaths) / nullif(sum(discharges), 0), 2) as mortality_pct,
    sum(index_discharges) as index_discharges,
    sum(readmissions_30d) as readmissions_30d,
    round(100.0 * sum(readmissions_30d) / nullif(sum(index_discharges), 0), 2)
        as readmission_30d_pct,
    sum(emergency_readmissions_nhs) as emergency_readmissions_nhs,
    round(100.0 * sum(emergency_readmissions_nhs) / nullif(sum(index_discharges), 0), 2)
        as emergency_readmission_nhs_pct
from marts.outcomes_monthly
where
    month_start between date_trunc('month', %(date_from)s::date) and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by
    grouping sets (
        (month_start),
        (
            month_start,
            source_system,
            branch_key,
            department_key,
            department_name,
            branch_name
        )
    )
order by level asc, month_start asc, department_name asc, department_key asc
