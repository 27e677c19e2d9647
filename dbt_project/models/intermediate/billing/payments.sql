with

united as ({{ unite('payments') }}),

final as (

    select
        source_system,
        {{ pseudonym('payment', 'payment_id') }} as payment_key,
        {{ pseudonym('bill', 'bill_id') }} as bill_key,
        paid_on,
        coalesce(collected_amount, 0) as collected_amount,
        coalesce(failed_amount, 0) as failed_amount,
        payment_method,
        row_number() over (
            partition by source_system, bill_id
            order by paid_on desc, payment_id desc
        ) as attempts_since,
        _batch_id
    from united

)

select * from final
