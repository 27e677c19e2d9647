with source as (
    {{ typed('resource_utilization', 'procedures') }}
),

renamed as (
    select
        procedure_id as treatment_id,
        admission_id,
        procedure_name as treatment_type,
        cast(procedure_date as date) as treated_on,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
