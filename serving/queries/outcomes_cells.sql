-- Discharges and their outcomes by month and department, over all that is published and
-- all places that the viewer sees: what a view shows is summed of these, so they tell
-- which of its numbers would give a small one away. The view's period does not matter,
-- or two periods would tell of the months between them.
select
    month_start as period,
    source_system,
    branch_key,
    department_key,
    sum(discharges) as discharges,
    sum(deaths) as deaths,
    sum(index_discharges) as index_discharges,
    sum(readmissions_30d) as readmissions_30d,
    sum(emergency_readmissions_nhs) as emergency_readmissions_nhs
from marts.outcomes_monthly
group by month_start, source_system, branch_key, department_key
