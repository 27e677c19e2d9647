-- Cost by treatment type; the average is pooled over the treatments with a cost. From
-- the treatments, for the monthly aggregate knows no days.
select
    treatment_type,
    count(*) as treatments,
    sum(cost_amount) as total_cost_amount,
    round(sum(cost_amount) / nullif(count(cost_amount), 0), 2) as average_cost_amount
from marts.fct_treatments
where
    treated_on between %(date_from)s and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by treatment_type
order by total_cost_amount desc nulls last, treatment_type asc
