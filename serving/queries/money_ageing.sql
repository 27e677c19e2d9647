-- What is outstanding at as_of by the age of its bills; period and department do not
-- matter to it.
select
    ageing_bucket,
    max(as_of) as as_of,
    sum(bills) as bills,
    sum(outstanding_amount) as outstanding_amount,
    round(
        100 * sum(outstanding_amount)
        / nullif(sum(sum(outstanding_amount)) over (), 0),
        1
    ) as outstanding_pct
from marts.receivables_ageing
where (%(branch_key)s::text is null or branch_key = %(branch_key)s)
group by ageing_bucket
order by ageing_bucket
