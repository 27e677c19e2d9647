-- Bills of the period by day, week or month, by payment method and by payer (level says
-- which). From the bills, for the monthly aggregate knows no days.
select
    case
        when grouping(period_start) = 0 then 'period'
        when grouping(payment_method) = 0 then 'method'
        when grouping(payer) = 0 then 'payer'
        else 'all'
    end as level,
    period_start,
    payment_method,
    payer,
    count(*) as bills,
    sum(billed_amount) as billed_amount,
    sum(collected_amount) as collected_amount,
    sum(outstanding_amount) as outstanding_amount,
    sum(failed_amount) as failed_amount,
    sum(billed_amount) filter (where collected_amount is null) as untraced_amount,
    -- what sources without payments billed is in no denominator
    round(
        100 * sum(collected_amount)
        / nullif(sum(case when collected_amount is not null then billed_amount end), 0),
        1
    ) as collection_rate_pct,
    round(avg(billed_amount), 2) as average_bill_amount,
    round(percentile_cont(0.5) within group (order by billed_amount)::numeric, 2)
        as median_bill_amount,
    round(
        100.0 * count(*)
        / sum(count(*)) over (
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
from (
    select
        *,
        date_trunc(%(grain)s, billed_on::timestamp)::date as period_start
    from marts.fct_bills
    where
        billed_on between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
) as bills
group by grouping sets ((), (period_start), (payment_method), (payer))
having count(*) > 0
order by level asc, period_start asc, billed_amount desc
