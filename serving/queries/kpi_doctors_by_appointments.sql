-- The doctors by appointments; a doctor who changed department is one doctor.
with names as (
    select distinct on (doctor_key)
        doctor_key,
        doctor_name
    from marts.dim_doctor
    order by doctor_key asc, valid_from desc nulls last
),

appointments as (
    select
        source_system,
        doctor_key,
        sum(booked) as appointments,
        sum(completed) as completed,
        sum(no_show) as no_show
    from marts.appointment_activity_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(source_system)s::text is null or source_system = %(source_system)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, doctor_key
)

select
    appointments.source_system,
    appointments.doctor_key,
    names.doctor_name,
    appointments.appointments,
    appointments.completed,
    appointments.no_show
from appointments
left join names on appointments.doctor_key = names.doctor_key
order by
    appointments.appointments desc,
    appointments.source_system asc,
    appointments.doctor_key asc
