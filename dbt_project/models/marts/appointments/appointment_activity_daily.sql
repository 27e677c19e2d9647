{{ built_in_months('date_day', touched_days('fct_appointments', 'scheduled_on')) }}

with

appointments as ({{ up_to_as_of(ref('fct_appointments'), 'scheduled_on') }}),

counted as (

    select
        source_system,
        scheduled_on as date_day,
        branch_key,
        branch_name,
        department_key,
        department_name,
        doctor_key,
        count(*) as booked,
        {{ count_where("appointment_status = 'scheduled'") }} as scheduled,
        {{ count_where("appointment_status = 'completed'") }} as completed,
        {{ count_where("appointment_status = 'no_show'") }} as no_show,
        {{ count_where("appointment_status in (
            'cancelled', 'cancelled_by_patient', 'cancelled_by_hospital'
        )") }} as cancelled,
        {{ count_where("appointment_status = 'cancelled_by_patient'") }}
            as cancelled_by_patient,
        {{ count_where("appointment_status = 'cancelled_by_hospital'") }}
            as cancelled_by_hospital,
        -- who was booked afterwards did not wait
        sum(case when lead_time_days >= 0 then lead_time_days end)
            as lead_time_days_total,
        {{ count_where('lead_time_days >= 0') }} as lead_time_appointments
    from appointments
    group by
        source_system,
        scheduled_on,
        branch_key,
        branch_name,
        department_key,
        department_name,
        doctor_key

),

final as (

    select
        *,
        {{ pct('no_show', '(completed + no_show)') }}
            as no_show_rate_attended_basis_pct,
        {{ pct('no_show', 'booked') }} as no_show_rate_booked_basis_pct,
        {{ pct('completed', 'booked') }} as completion_rate_pct
    from counted

)

select * from final
