with source as (
    {{ typed('his', 'bed_stays') }}
),

renamed as (
    select
        bed_stay_id,
        admission_id,
        ward_id,
        bed_id,
        started_at,
        ended_at,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
