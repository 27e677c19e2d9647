-- The departments to choose from, with their branch.
select
    department_key as key,
    branch_key,
    concat_ws(', ', department_name, branch_name) as label
from marts.dim_department
order by department_name, branch_name, department_key
