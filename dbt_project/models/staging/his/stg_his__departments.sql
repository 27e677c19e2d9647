with source as (
    {{ typed('his', 'departments') }}
),

renamed as (
    select
        department_id,
        branch_id,
        department_name,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
