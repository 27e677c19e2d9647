with source as (
    {{ typed('resource_utilization', 'outcomes') }}
),

renamed as (
    select
        outcome_id,
        admission_id,
        outcome_status as outcome,
        outcome_status = 'Deceased' as is_death,
        outcome_status = 'Transferred' as is_transfer_out,
        readmitted_within_30_days as is_readmission_recorded,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
