-- Appointments by what became of them, by day, week or month of the period.
select
    date_trunc(%(grain)s, date_day::timestamp)::date as period_start,
    sum(booked) as booked,
    sum(completed) as completed,
    sum(no_show) as no_show,
    sum(cancelled) as cancelled,
    sum(cancelled_by_patient) as cancelled_by_patient,
    sum(cancelled_by_hospital) as cancelled_by_hospital,
    sum(scheduled) as scheduled,
    round(100.0 * sum(completed) / nullif(sum(booked), 0), 1) as completed_pct,
    round(100.0 * sum(no_show) / nullif(sum(booked), 0), 1) as no_show_pct,
    round(100.0 * sum(cancelled) / nullif(sum(booked), 0), 1) as cancelled_pct,
    round(100.0 * sum(scheduled) / nullif(sum(booked), 0), 1) as scheduled_pct,
    round(100.0 * sum(no_show) / nullif(sum(completed + no_show), 0), 1)
        as no_show_rate_attended_basis_pct
from marts.appointment_activity_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by period_start
order by period_start
