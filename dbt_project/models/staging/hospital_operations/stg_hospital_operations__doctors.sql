with source as (
    {{ typed('hospital_operations', 'doctors') }}
),

renamed as (
    select
        doctor_id,
        department as department_id,
        specialization as specialty,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
