-- Cost by treatment type in the period; averages over the treatments with a cost.
select
    treatment_type,
    count(*) as treatments,
    count(cost_amount) as costed_treatments,
    sum(cost_amount) as total_cost_amount,
    round(sum(cost_amount) / nullif(count(cost_amount), 0), 2) as average_cost_amount,
    min(cost_amount) as minimum_cost_amount,
    max(cost_amount) as maximum_cost_amount
from marts.fct_treatments
where
    treated_on between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by treatment_type
order by total_cost_amount desc nulls last, treatments desc, treatment_type asc
