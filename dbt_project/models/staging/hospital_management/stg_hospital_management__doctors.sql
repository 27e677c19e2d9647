with source as (
    {{ typed('hospital_management', 'doctors') }}
),

renamed as (
    select
        doctor_id,
        hospital_branch as branch_id,
        specialization as department_id,
        nullif(
            trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''
        ) as doctor_name,
        specialization as specialty,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
