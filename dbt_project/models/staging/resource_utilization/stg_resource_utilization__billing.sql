with source as (
    {{ typed('resource_utilization', 'billing') }}
),

renamed as (
    select
        bill_id,
        admission_id,
        cast(total_cost as numeric(18, 2)) as billed_amount,
        cast(room_cost as numeric(18, 2)) as room_amount,
        cast(medicine_cost as numeric(18, 2)) as medicine_amount,
        cast(procedure_cost as numeric(18, 2)) as procedure_amount,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
