with

activities as (

    select * from {{ ref('doctor_activities') }}

),

summed as (

    select
        source_system,
        date_day,
        doctor_key,
        {{ doctor_load_sums() }}
    from activities
    group by source_system, date_day, doctor_key

),

-- the doctor's place on that day
placed as (

    select
        summed.*,
        dim_doctor.doctor_name,
        dim_doctor.contracted_hours_per_week,
        dim_doctor.branch_key,
        dim_doctor.branch_name,
        dim_doctor.department_key,
        dim_doctor.department_name,
        sum(summed.activities) over (
            partition by
                summed.source_system, dim_doctor.department_key, summed.date_day
        ) as activities_of_place
    from summed
    left join {{ ref('dim_doctor') }} as dim_doctor
        on
            summed.doctor_key = dim_doctor.doctor_key
            and summed.date_day >= dim_doctor.valid_from
            and (dim_doctor.valid_to is null or summed.date_day < dim_doctor.valid_to)

),

final as (

    select
        source_system,
        date_day,
        doctor_key,
        doctor_name,
        branch_key,
        branch_name,
        department_key,
        department_name,
        appointments,
        completed_appointments,
        no_shows,
        distinct_patients,
        admissions,
        caseload_nights as midnight_caseload,
        treatments,
        billed_amount,
        completed_minutes,
        rostered_hours,
        worked_hours,
        {{ doctor_load_rates() }}
    from placed

)

select * from final
