with source as (
    {{ typed('his', 'appointments') }}
),

renamed as (
    select
        appointment_id,
        patient_id,
        doctor_id,
        branch_id,
        department_id,
        scheduled_at,
        booked_at,
        {{ appointment_status('status') }} as appointment_status,
        reason,
        duration_minutes,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
