-- Appointments by what became of them: completed against no-show, both denominators.
select
    coalesce(sum(booked), 0) as booked,
    coalesce(sum(completed), 0) as completed,
    coalesce(sum(no_show), 0) as no_show,
    coalesce(sum(cancelled), 0) as cancelled,
    coalesce(sum(scheduled), 0) as scheduled,
    round(100.0 * sum(no_show) / nullif(sum(completed + no_show), 0), 2)
        as no_show_rate_attended_basis_pct,
    round(100.0 * sum(no_show) / nullif(sum(booked), 0), 2)
        as no_show_rate_booked_basis_pct,
    round(100.0 * sum(completed) / nullif(sum(booked), 0), 2) as completion_rate_pct
from marts.appointment_activity_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
