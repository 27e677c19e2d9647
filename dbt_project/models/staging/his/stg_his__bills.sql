with source as (
    {{ typed('his', 'bills') }}
),

renamed as (
    select
        bill_id,
        patient_id,
        treatment_id,
        admission_id,
        branch_id,
        department_id,
        billed_on,
        cast(amount as numeric(18, 2)) as billed_amount,
        payer,
        cast(room_amount as numeric(18, 2)) as room_amount,
        cast(medicine_amount as numeric(18, 2)) as medicine_amount,
        cast(procedure_amount as numeric(18, 2)) as procedure_amount,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
