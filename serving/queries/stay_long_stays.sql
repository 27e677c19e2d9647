-- Stays of 21 nights or more by department: ended in the period, and not ended yet
-- (counted at as_of, whatever the period is). Nights go by local dates.
with asked as (
    select
        *,
        (
            select published.as_of
            from marts.publication as published
            order by published.publication_id desc
            limit 1
        ) as as_of,
        admitted_at + stay_to_date_hours * interval '1 hour' as in_house_until
    from marts.fct_admissions
    where
        is_measurable
        and (is_open or discharged_on between %(date_from)s and %(date_to)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
),

stays as (
    select
        source_system,
        branch_name,
        department_key,
        department_name,
        case when is_open then null else length_of_stay_nights end as nights,
        -- hours go wrong by what the clock skipped in between; a source that is late
        -- has an as_of of its own, which nothing else tells
        is_open
        and case
            when as_of <= in_house_until + interval '2 hours' then as_of
            else in_house_until
        end::date - admitted_on >= 21 as is_long_and_open,
        discharged_on between %(date_from)s and %(date_to)s and is_long_stay
            as is_long_and_ended
    from asked
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
