-- Discharges and their outcomes by department over the very days of the period, in all
-- places that the viewer sees: as outcomes_cells, for a page without months.
select
    null as period,
    source_system,
    branch_key,
    department_key,
    count(*) as discharges,
    count(*) filter (where is_death) as deaths,
    count(*) filter (where is_index_for_readmission) as index_discharges,
    count(*) filter (where is_followed_by_readmission_30d) as readmissions_30d
from marts.fct_admissions
where
    discharged_on between %(date_from)s and %(date_to)s
    and is_measurable
group by source_system, branch_key, department_key
