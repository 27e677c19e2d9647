-- The branches to choose from.
select
    branch_key as key,
    branch_name as label
from marts.dim_branch
order by branch_name, branch_key
