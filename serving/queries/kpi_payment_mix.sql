-- How bills are paid, by count and by amount.
select
    payment_method,
    sum(bills) as bills,
    sum(billed_amount) as billed_amount,
    sum(collected_amount) as collected_amount,
    round(100.0 * sum(bills) / nullif(sum(sum(bills)) over (), 0), 2) as bills_pct,
    round(
        100.0 * sum(billed_amount) / nullif(sum(sum(billed_amount)) over (), 0), 2
    ) as billed_pct
from marts.billing_monthly
where
    month_start between date_trunc('month', %(date_from)s::date) and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by payment_method
order by bills desc, payment_method asc
