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

bucketed as (

    select
        *,
        case
            when age_days <= 30 then '0-30'
            when age_days <= 60 then '31-60'
            when age_days <= 90 then '61-90'
            else 'over 90'
        end as ageing_bucket
    from bills
    where outstanding_amount <> 0

),

-- as_of's day and the 89 before it
billed as (

    select
        source_system,
        coalesce(branch_key, '') as branch_key,
        coalesce(payer, '') as payer,
        sum(billed_amount) as billed_last_90_days_amount
    from bills
    where age_days < 90
    group by source_system, coalesce(branch_key, ''), coalesce(payer, '')

),

summed as (

    select
        source_system,
        as_of,
        branch_key,
        branch_name,
        payer,
        ageing_bucket,
        count(*) as bills,
        cast(sum(outstanding_amount) as numeric(18, 2)) as outstanding_amount
    from bucketed
    group by source_system, as_of, branch_key, branch_name, payer, ageing_bucket

),

final as (

    select
        summed.*,
        cast(coalesce(billed.billed_last_90_days_amount, 0) as numeric(18, 2))
            as billed_last_90_days_amount,
        {{ ratio(
            'summed.outstanding_amount * 90', 'billed.billed_last_90_days_amount'
        ) }}
            as days_in_receivables
    from summed
    left join billed
        on
            summed.source_system = billed.source_system
            and coalesce(summed.branch_key, '') = billed.branch_key
            and coalesce(summed.payer, '') = billed.payer

)

select * from final
