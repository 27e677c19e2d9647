-- Patients by sex at as_of; the period and the department do not matter to it.
select
    sex,
    sum(patients) as patients,
    round(100.0 * sum(patients) / nullif(sum(sum(patients)) over (), 0), 2)
        as patients_pct
from marts.patient_demographics
where
    (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
group by sex
order by patients desc, sex asc
