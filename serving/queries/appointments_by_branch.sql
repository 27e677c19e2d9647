-- The branches by appointments, the busiest first.
select
    branch_name,
    sum(booked) as booked,
    sum(completed) as completed,
    sum(no_show) as no_show,
    sum(cancelled) as cancelled,
    sum(scheduled) as scheduled,
    round(100.0 * sum(booked) / nullif(sum(sum(booked)) over (), 0), 1) as booked_pct
from marts.appointment_activity_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by source_system, branch_key, branch_name
order by booked desc, branch_name asc, branch_key asc
