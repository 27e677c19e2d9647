with source as (
    {{ typed('hospital_management', 'appointments') }}
),

renamed as (
    select
        appointment_id,
        patient_id,
        doctor_id,
        {{ moment('appointment_date', 'appointment_time') }} as scheduled_at,
        {{ appointment_status('status') }} as appointment_status,
        reason_for_visit as reason,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
