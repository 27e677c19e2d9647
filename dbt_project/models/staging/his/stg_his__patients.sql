with source as (
    {{ typed('his', 'patients') }}
),

renamed as (
    select
        patient_id,
        patient_name,
        sex,
        birth_date,
        insurance_type,
        registered_on,
        deceased_on is not null as is_deceased,
        deceased_on,
        email,
        nullif(merged_into_id, patient_id) as merged_into_id,
        _is_key_reused as is_id_reused,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
