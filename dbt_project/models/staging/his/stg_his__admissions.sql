with source as (
    {{ typed('his', 'admissions') }}
),

renamed as (
    select
        admission_id,
        patient_id,
        branch_id,
        department_id,
        doctor_id,
        admission_type,
        admission_type = 'Emergency' as is_emergency,
        admitted_at,
        discharged_at,
        bed_type,
        outcome,
        outcome = 'Deceased' as is_death,
        outcome = 'Transferred' as is_transfer_out,
        false as is_date_only,
        _is_key_reused as is_id_reused,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
