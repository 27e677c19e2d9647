with source as (
    {{ typed('hospital_operations', 'procedures') }}
),

renamed as (
    select
        procedure_id as treatment_id,
        admission_id,
        department as department_id,
        procedure_type as treatment_type,
        procedure_datetime as treated_on,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
