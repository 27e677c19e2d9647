with source as (
    {{ typed('his', 'payments') }}
),

renamed as (
    select
        payment_id,
        bill_id,
        paid_on,
        case
            when status = 'Paid' then cast(amount as numeric(18, 2))
            else 0
        end as collected_amount,
        case
            when status = 'Failed' then cast(amount as numeric(18, 2))
            else 0
        end as failed_amount,
        payment_method,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
