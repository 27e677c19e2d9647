-- Bills of the period by day, week or month, by payment method and by payer (level says
-- which). From the bills, for the monthly aggregate knows no days.
with bills as (
    select
        date_trunc(%(grain)s, billed_on::timestamp)::date as period_start,
        payment_method,
        payer,
        collected_amount is null as is_untraced,
        count(*) as bills,
        sum(billed_amount) as billed_amount,
        sum(collected_amount) as collected_amount,
        sum(outstanding_amount) as outstanding_amount,
        sum(failed_amount) as failed_amount
    from marts.fct_bills
    where
        billed_on between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by period_start, payment_method, payer, is_untraced
)

select
    case
        when grouping(period_start) = 0 then 'period'
        when grouping(payment_method) = 0 then 'method'
        else 'payer'
    end as level,
    period_start,
    payment_method,
    payer,
    sum(bills) as bills,
    sum(billed_amount) as billed_amount,
    sum(collected_amount) as collected_amount,
    sum(outstanding_amount) as outstanding_amount,
    sum(failed_amount) as failed_amount,
    -- of sources that record no payments nobody knows what became of their bills, so
    -- they are in no rate
    sum(billed_amount) filter (where is_untraced) as untraced_amount,
    round(
        100 * sum(collected_amount)
        / nullif(sum(billed_amount) filter (where not is_untraced), 0),
        1
    ) as collection_rate_pct,
    round(sum(billed_amount) / nullif(sum(bills), 0), 2) as average_bill_amount,
    round(
        100.0 * sum(bills)
        / sum(sum(bills)) over (
            partition by grouping(period_start, payment_method, payer)
        ),
        1
    ) as bills_pct,
    round(
        100.0 * sum(billed_amount)
        / nullif(
            sum(sum(billed_amount)) over (
                partition by grouping(period_start, payment_method, payer)
            ),
            0
        ),
        1
    ) as billed_pct
from bills
group by grouping sets ((period_start), (payment_method), (payer))
order by level asc, period_start asc, billed_amount desc
