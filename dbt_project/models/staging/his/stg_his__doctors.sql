with source as (
    {{ typed('his', 'doctors') }}
),

renamed as (
    select
        doctor_id,
        branch_id,
        department_id,
        doctor_name,
        specialty,
        cast(contracted_hours_per_week as numeric(18, 4)) as contracted_hours_per_week,
        _valid_from,
        _valid_to,
        _is_current,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
