with source as (
    {{ typed('resource_utilization', 'departments') }}
),

renamed as (
    select
        department_id,
        department_name,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
