-- The branches by appointments, the busiest first.
select
    source_system,
    branch_key,
    max(branch_name) as branch_name,
    sum(booked) as appointments,
    sum(completed) as completed
from marts.appointment_activity_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by source_system, branch_key
order by appointments desc, source_system asc, branch_key asc
