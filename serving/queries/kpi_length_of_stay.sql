-- Average length of stay of who left in the period: nights of all over all who left.
select
    count(*) as discharges,
    coalesce(sum(length_of_stay_nights), 0) as bed_days,
    round(avg(length_of_stay_nights), 2) as average_length_of_stay_nights,
    round(avg(length_of_stay_hours), 2) as average_length_of_stay_hours,
    round(avg(length_of_stay_days_medicare), 2) as average_length_of_stay_days_medicare
from marts.fct_admissions
where
    discharged_on between %(date_from)s and %(date_to)s
    and is_measurable
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
