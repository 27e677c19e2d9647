-- What each doctor carried in the period; a doctor who changed department is one.
-- Rates are pooled: sums first, then one division. Distinct patients may not be summed
-- over days and are left out.
with loads as (
    select
        source_system,
        doctor_key,
        sum(appointments) as appointments,
        sum(completed_appointments) as completed_appointments,
        sum(no_shows) as no_shows,
        sum(admissions) as admissions,
        sum(midnight_caseload) as caseload_nights,
        sum(treatments) as treatments,
        sum(billed_amount) as billed_amount,
        sum(rostered_hours) as rostered_hours,
        sum(case when rostered_hours is not null then worked_hours end) as worked_hours
    from marts.doctor_load_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, doctor_key
),

-- the census is dense, so its first and last night of the period tell how many
nights as (
    select
        source_system,
        max(date_day) - min(date_day) + 1 as nights
    from marts.patient_flow_daily
    where date_day between %(date_from)s and %(date_to)s
    group by source_system
),

doctors as (
    select distinct on (doctor_key)
        doctor_key,
        doctor_name,
        department_name
    from marts.dim_doctor
    order by doctor_key asc, valid_from desc nulls last
)

select
    loads.doctor_key,
    -- doctors of one name are told apart by their keys
    case
        when count(*) over (partition by doctors.doctor_name) > 1
            then concat_ws(', ', doctors.doctor_name, loads.doctor_key)
        else coalesce(doctors.doctor_name, loads.doctor_key)
    end as doctor_name,
    doctors.department_name,
    loads.appointments,
    loads.completed_appointments,
    loads.no_shows,
    loads.appointments - loads.completed_appointments - loads.no_shows
        as other_appointments,
    loads.admissions,
    round(1.0 * loads.caseload_nights / nullif(nights.nights, 0), 2)
        as average_midnight_caseload,
    loads.treatments,
    loads.billed_amount,
    loads.rostered_hours,
    loads.worked_hours,
    round(100 * loads.worked_hours / nullif(loads.rostered_hours, 0), 1)
        as utilisation_pct
from loads
left join doctors on loads.doctor_key = doctors.doctor_key
left join nights on loads.source_system = nights.source_system
order by loads.appointments desc, doctor_name asc, loads.doctor_key asc
