with source as (
    {{ typed('resource_utilization', 'admissions') }}
),

renamed as (
    select
        admission_id,
        patient_id,
        branch_name as branch_id,
        department_id,
        doctor_id,
        admission_type,
        admission_type = 'Emergency' as is_emergency,
        admission_date as admitted_at,
        discharge_date as discharged_at,
        bed_type,
        false as is_date_only,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
