-- How bills are paid, by count and by amount. From the bills, for the monthly aggregate
-- knows no days.
with mix as (
    select
        payment_method,
        count(*) as bills,
        sum(billed_amount) as billed_amount,
        sum(collected_amount) as collected_amount
    from marts.fct_bills
    where
        billed_on between %(date_from)s and %(date_to)s
        and (%(source_system)s::text is null or source_system = %(source_system)s)
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by payment_method
)

select
    payment_method,
    bills,
    billed_amount,
    collected_amount,
    round(100.0 * bills / nullif(sum(bills) over (), 0), 2) as bills_pct,
    round(100.0 * billed_amount / nullif(sum(billed_amount) over (), 0), 2)
        as billed_pct
from mix
order by bills desc, payment_method asc
