with source as (
    {{ typed('hospital_operations', 'doctor_schedule') }}
),

renamed as (
    select
        _row_id as shift_id,
        doctor_id,
        date as shift_on,
        cast(hours_scheduled as numeric(18, 4)) as rostered_hours,
        cast(hours_utilized as numeric(18, 4)) as worked_hours,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
