with source as (
    {{ typed('hospital_management', 'billing') }}
),

renamed as (
    select
        bill_id,
        patient_id,
        treatment_id,
        bill_date as billed_on,
        cast(amount as numeric(18, 2)) as billed_amount,
        case
            when payment_status = 'Paid' then cast(amount as numeric(18, 2))
            else 0
        end as collected_amount,
        case
            when payment_status = 'Pending' then cast(amount as numeric(18, 2))
            else 0
        end as outstanding_amount,
        case
            when payment_status = 'Failed' then cast(amount as numeric(18, 2))
            else 0
        end as failed_amount,
        payment_status,
        payment_method,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
