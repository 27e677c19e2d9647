with source as (
    {{ typed('his', 'beds') }}
),

renamed as (
    select
        bed_id,
        ward_id,
        bed_type,
        opened_on,
        closed_on,
        is_staffed,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
