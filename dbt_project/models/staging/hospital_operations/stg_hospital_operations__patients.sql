with source as (
    {{ typed('hospital_operations', 'patients') }}
),

renamed as (
    select
        patient_id,
        gender as sex,
        age as age_years,
        insurance_type,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
