with source as (
    {{ typed('his', 'doctor_shifts') }}
),

renamed as (
    select
        shift_id,
        doctor_id,
        branch_id,
        department_id,
        shift_date as shift_on,
        cast(rostered_hours as numeric(18, 4)) as rostered_hours,
        cast(worked_hours as numeric(18, 4)) as worked_hours,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
