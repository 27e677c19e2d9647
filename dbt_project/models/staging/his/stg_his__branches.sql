with source as (
    {{ typed('his', 'branches') }}
),

renamed as (
    select
        branch_id,
        branch_name,
        time_zone,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
