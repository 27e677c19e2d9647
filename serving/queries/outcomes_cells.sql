-- Discharges and their outcomes by month and department, over the whole months that the
-- period touches and over all places that the viewer sees: what a view shows is summed
-- of these, so they tell which of its numbers would give a small one away.
select
    month_start as period,
    branch_key,
    department_key,
    sum(discharges) as discharges,
    sum(deaths) as deaths,
    sum(index_discharges) as index_discharges,
    sum(readmissions_30d) as readmissions_30d,
    sum(emergency_readmissions_nhs) as emergency_readmissions_nhs
from marts.outcomes_monthly
where month_start between date_trunc('month', %(date_from)s::date) and %(date_to)s
group by month_start, branch_key, department_key
