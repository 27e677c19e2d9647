with

bills as (

    select
        fct_bills.*,
        source_systems.as_of,
        {{ dbt.datediff('fct_bills.billed_on', 'source_systems.as_of_date', 'day') }}
            as age_days
    from {{ ref('fct_bills') }} as fct_bills
    inner join {{ ref('source_systems') }} as source_systems
        on
            fct_bills.source_system = source_systems.source_system
            and fct_bills.billed_on <= source_systems.as_of_date

),

-- what is owed, or was billed on as_of's day or the 89 before it: they divide it
counting as (

    select * from bills
    where outstanding_amount <> 0 or age_days < 90

),

bucketed as (

    select
        *,
        case
            when age_days <= 30 then '0-30'
            when age_days <= 60 then '31-60'
            when age_days <= 90 then '61-90'
            else 'over 90'
        end as ageing_bucket
    from counting

),

payers as (

    select
        source_system,
        as_of,
        branch_key,
        branch_name,
        payer,
        sum(case when age_days < 90 then billed_amount else 0 end)
            as billed_last_90_days_amount
    from bucketed
    group by source_system, as_of, branch_key, branch_name, payer
    -- where no payments are recorded, nobody knows who owes
    having count(outstanding_amount) > 0

),

buckets as (
    {%- for bucket in ['0-30', '31-60', '61-90', 'over 90'] %}
        {{ 'union all' if not loop.first }}
        select '{{ bucket }}' as ageing_bucket
    {%- endfor %}

),

owed as (

    select
        source_system,
        coalesce(branch_key, '') as branch_key,
        coalesce(payer, '') as payer,
        ageing_bucket,
        count(*) as bills,
        sum(outstanding_amount) as outstanding_amount
    from bucketed
    where outstanding_amount <> 0
    group by
        source_system, coalesce(branch_key, ''), coalesce(payer, ''), ageing_bucket

),

final as (

    select
        payers.source_system,
        payers.as_of,
        payers.branch_key,
        payers.branch_name,
        payers.payer,
        buckets.ageing_bucket,
        coalesce(owed.bills, 0) as bills,
        cast(coalesce(owed.outstanding_amount, 0) as numeric(18, 2))
            as outstanding_amount,
        cast(payers.billed_last_90_days_amount as numeric(18, 2))
            as billed_last_90_days_amount,
        {{ ratio(
            'coalesce(owed.outstanding_amount, 0) * 90',
            'payers.billed_last_90_days_amount'
        ) }} as days_in_receivables
    from payers
    cross join buckets
    left join owed
        on
            payers.source_system = owed.source_system
            and coalesce(payers.branch_key, '') = owed.branch_key
            and coalesce(payers.payer, '') = owed.payer
            and buckets.ageing_bucket = owed.ageing_bucket

)

select * from final
