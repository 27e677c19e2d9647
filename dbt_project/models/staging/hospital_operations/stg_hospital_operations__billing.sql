with source as (
    {{ typed('hospital_operations', 'billing') }}
),

renamed as (
    select
        admission_id as bill_id,
        admission_id,
        cast(total_cost as numeric(18, 2)) as billed_amount,
        cast(room_cost as numeric(18, 2)) as room_amount,
        cast(procedure_cost as numeric(18, 2)) as procedure_amount,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
