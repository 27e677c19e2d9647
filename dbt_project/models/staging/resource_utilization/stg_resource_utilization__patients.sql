with source as (
    {{ typed('resource_utilization', 'patients') }}
),

renamed as (
    select
        patient_id,
        patient_name,
        gender as sex,
        age as age_years,
        insurance_type,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
