-- Length of stay of who left in the period, in the viewer's convention: of all
-- (level 'all'), by week or month ('period'), department and admission type.
-- Medians and percentiles cannot be pooled, so the stays themselves are asked.
with stays as (
    select
        source_system,
        branch_name,
        department_key,
        department_name,
        admission_type,
        is_long_stay,
        is_same_day,
        date_trunc(%(grain)s, discharged_on::timestamp)::date as period_start,
        case %(convention)s
            when 'hours' then length_of_stay_hours
            when 'days' then length_of_stay_days_medicare
            else length_of_stay_nights
        end as stay
    from marts.fct_admissions
    where
        discharged_on between %(date_from)s and %(date_to)s
        and is_measurable
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
)

select
    case
        when grouping(period_start) = 0 then 'period'
        when grouping(department_key) = 0 then 'department'
        when grouping(admission_type) = 0 then 'admission_type'
        else 'all'
    end as level,
    period_start,
    -- departments of one name in two branches are two departments
    case
        when
            %(branch_key)s::text is null
            and (select count(*) from marts.dim_branch) > 1
            and department_name is not null
            then concat_ws(', ', department_name, branch_name)
        else department_name
    end as department_name,
    admission_type,
    count(*) as discharges,
    count(*) filter (where is_same_day) as same_day_discharges,
    count(*) filter (where is_long_stay) as long_stays,
    round(100.0 * count(*) filter (where is_long_stay) / count(*), 1) as long_stay_pct,
    sum(stay) as total_stay,
    round(avg(stay), 2) as average_stay,
    round(percentile_cont(0.5) within group (order by stay)::numeric, 2) as median_stay,
    round(percentile_cont(0.9) within group (order by stay)::numeric, 2) as p90_stay
from stays
group by
    grouping sets (
        (),
        (period_start),
        (source_system, department_key, department_name, branch_name),
        (admission_type)
    )
-- of nobody there is no row, nor of all of them
having count(*) > 0
order by
    level asc,
    period_start asc,
    discharges desc,
    department_name asc,
    admission_type asc
