with source as (
    {{ typed('hospital_management', 'patients') }}
),

renamed as (
    select
        patient_id,
        nullif(
            trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''
        ) as patient_name,
        gender as sex,
        date_of_birth as birth_date,
        insurance_provider as insurance_type,
        registration_date as registered_on,
        email,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
