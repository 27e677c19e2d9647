with source as (
    {{ typed('resource_utilization', 'doctors') }}
),

renamed as (
    select
        doctor_id,
        department_id,
        doctor_name,
        cast(available_hours as numeric(18, 4)) as available_hours_per_day,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
