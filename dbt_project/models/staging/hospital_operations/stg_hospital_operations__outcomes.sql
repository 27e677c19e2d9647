with source as (
    {{ typed('hospital_operations', 'outcomes') }}
),

renamed as (
    select
        admission_id,
        outcome,
        outcome = 'Deceased' as is_death,
        outcome = 'Transferred' as is_transfer_out,
        readmitted_30_days as is_readmission_recorded,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
