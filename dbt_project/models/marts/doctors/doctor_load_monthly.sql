with

activities as (

    select
        source_system,
        {{ month_of('date_day') }} as month_start,
        doctor_key,
        patient_key,
        sum(appointments) as appointments,
        sum(completed_appointments) as completed_appointments,
        sum(no_shows) as no_shows,
        sum(completed_minutes) as completed_minutes,
        sum(admissions) as admissions,
        sum(treatments) as treatments,
        sum(billed_amount) as billed_amount,
        sum(rostered_hours) as rostered_hours,
        sum(worked_hours) as worked_hours,
        sum(midnight_caseload) as midnight_caseload,
        max(date_day) as last_day
    from {{ ref('doctor_activities') }}
    group by source_system, {{ month_of('date_day') }}, doctor_key, patient_key

),

-- nights of the month that the data cover, also those on which a doctor had no patient
month_nights as (

    select
        source_system,
        {{ month_of('date_day') }} as month_start,
        count(*) as nights
    from {{ ref('source_days') }}
    group by source_system, {{ month_of('date_day') }}

),

summed as (

    select
        source_system,
        month_start,
        doctor_key,
        max(last_day) as last_day,
        {{ doctor_load_sums() }}
    from activities
    group by source_system, month_start, doctor_key

),

-- the doctor's place on the last day of activity in the month
placed as (

    select
        summed.*,
        month_nights.nights,
        dim_doctor.doctor_name,
        dim_doctor.contracted_hours_per_week,
        dim_doctor.branch_key,
        dim_doctor.branch_name,
        dim_doctor.department_key,
        dim_doctor.department_name,
        sum(summed.activities) over (
            partition by
                summed.source_system, dim_doctor.department_key, summed.month_start
        ) as activities_of_place
    from summed
    left join month_nights
        on
            summed.source_system = month_nights.source_system
            and summed.month_start = month_nights.month_start
    left join {{ ref('dim_doctor') }} as dim_doctor
        on
            summed.doctor_key = dim_doctor.doctor_key
            and summed.last_day >= dim_doctor.valid_from
            and (dim_doctor.valid_to is null or summed.last_day < dim_doctor.valid_to)

),

final as (

    select
        source_system, month_start, doctor_key, doctor_name, branch_key, branch_name,
        department_key, department_name, appointments, completed_appointments, no_shows,
        distinct_patients, admissions, caseload_nights,
        {{ ratio('caseload_nights', 'nights') }} as midnight_caseload,
        treatments, billed_amount, completed_minutes, rostered_hours, worked_hours,
        {{ doctor_load_rates() }}
    from placed

)

select * from final
