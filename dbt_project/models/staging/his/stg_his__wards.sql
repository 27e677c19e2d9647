with source as (
    {{ typed('his', 'wards') }}
),

renamed as (
    select
        ward_id,
        branch_id,
        department_id,
        ward_name,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
