with source as (
    {{ typed('hospital_operations', 'admissions') }}
),

renamed as (
    select
        admission_id,
        patient_id,
        branch as branch_id,
        department as department_id,
        admission_type,
        admission_type = 'Emergency' as is_emergency,
        cast(admission_datetime as timestamp) as admitted_at,
        cast(discharge_datetime as timestamp) as discharged_at,
        true as is_date_only,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
