-- Stays of 21 nights or more by department: ended in the period, and not ended yet
-- (counted at as_of, whatever the period is).
with stays as (
    select
        source_system,
        branch_name,
        department_key,
        department_name,
        case when is_open then null else length_of_stay_nights end as nights,
        is_open and stay_to_date_hours >= 21 * 24 as is_long_and_open,
        discharged_on between %(date_from)s and %(date_to)s and is_long_stay
            as is_long_and_ended
    from marts.fct_admissions
    where
        is_measurable
        and (is_open or discharged_on between %(date_from)s and %(date_to)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
)

select
    -- departments of one name in two branches are two departments
    case
        when
            %(branch_key)s::text is null
            and (select count(*) from marts.dim_branch) > 1
            and department_name is not null
            then concat_ws(', ', department_name, branch_name)
        else department_name
    end as department_name,
    count(*) filter (where is_long_and_ended) as ended_long_stays,
    coalesce(sum(nights) filter (where is_long_and_ended), 0) as ended_long_stay_nights,
    count(*) filter (where is_long_and_open) as open_long_stays
from stays
group by source_system, department_key, department_name, branch_name
having bool_or(is_long_and_ended) or bool_or(is_long_and_open)
order by
    count(*) filter (where is_long_and_ended or is_long_and_open) desc,
    department_name asc
