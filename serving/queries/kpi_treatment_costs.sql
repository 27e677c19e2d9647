-- Cost by treatment type; the average is pooled over the treatments with a cost.
select
    treatment_type,
    sum(treatments) as treatments,
    sum(total_cost_amount) as total_cost_amount,
    round(sum(total_cost_amount) / nullif(sum(costed_treatments), 0), 2)
        as average_cost_amount
from marts.treatment_costs_monthly
where
    month_start between date_trunc('month', %(date_from)s::date) and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by treatment_type
order by total_cost_amount desc nulls last, treatment_type asc
