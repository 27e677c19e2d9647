{{ built_in_parts(['bill_key'], changed({'payments': 'bill_key'})) }}

with

payments as (

    select * from {{ ref('payments') }}
    where
        not is_after_as_of
        and bill_key is not null
        and {{ is_touched(['bill_key']) }}

),

final as (

    select
        source_system,
        bill_key,
        count(*) as attempts,
        sum(collected_amount) as collected_amount,
        -- an earlier failure was made good or tried again
        sum(case when attempts_since = 1 then failed_amount else 0 end)
            as last_failed_amount,
        max(case when attempts_since = 1 then payment_method end) as payment_method
    from payments
    group by source_system, bill_key

)

select * from final
