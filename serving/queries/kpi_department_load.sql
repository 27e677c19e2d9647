-- What each department carried: who came and left, nights spent, appointments.
with flow as (
    select
        source_system,
        branch_key,
        department_key,
        max(branch_name) as branch_name,
        max(department_name) as department_name,
        sum(admissions) as admissions,
        sum(discharges) as discharges,
        sum(census_midnight) as bed_days
    from marts.patient_flow_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(source_system)s::text is null or source_system = %(source_system)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
),

appointments as (
    select
        source_system,
        branch_key,
        department_key,
        max(branch_name) as branch_name,
        max(department_name) as department_name,
        sum(booked) as appointments
    from marts.appointment_activity_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(source_system)s::text is null or source_system = %(source_system)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
)

select
    coalesce(flow.source_system, appointments.source_system) as source_system,
    coalesce(flow.branch_key, appointments.branch_key) as branch_key,
    coalesce(flow.department_key, appointments.department_key) as department_key,
    coalesce(flow.branch_name, appointments.branch_name) as branch_name,
    coalesce(flow.department_name, appointments.department_name) as department_name,
    coalesce(flow.admissions, 0) as admissions,
    coalesce(flow.discharges, 0) as discharges,
    coalesce(flow.bed_days, 0) as bed_days,
    coalesce(appointments.appointments, 0) as appointments
from flow
full join appointments
    on
        flow.source_system = appointments.source_system
        and coalesce(flow.branch_key, '') = coalesce(appointments.branch_key, '')
        and coalesce(flow.department_key, '')
        = coalesce(appointments.department_key, '')
order by
    admissions desc,
    appointments desc,
    source_system asc,
    branch_key asc,
    department_key asc
