{{ built_in_months('month_start', touched_days('fct_bills', 'billed_on')) }}

with

bills as ({{ up_to_as_of(ref('fct_bills'), 'billed_on') }}),

summed as (

    select
        source_system,
        {{ month_of('billed_on') }} as month_start,
        branch_key,
        branch_name,
        department_key,
        department_name,
        payer,
        payment_method,
        count(*) as bills,
        cast(sum(billed_amount) as numeric(18, 2)) as billed_amount,
        cast(sum(collected_amount) as numeric(18, 2)) as collected_amount,
        cast(sum(outstanding_amount) as numeric(18, 2)) as outstanding_amount,
        cast(sum(failed_amount) as numeric(18, 2)) as failed_amount,
        cast(sum(room_amount) as numeric(18, 2)) as room_amount,
        cast(sum(medicine_amount) as numeric(18, 2)) as medicine_amount,
        cast(sum(procedure_amount) as numeric(18, 2)) as procedure_amount,
        {{ ratio('sum(billed_amount)', 'count(billed_amount)') }}
            as average_bill_amount,
        {{ median('billed_amount') }} as median_bill_amount
    from bills
    group by
        source_system,
        {{ month_of('billed_on') }},
        branch_key,
        branch_name,
        department_key,
        department_name,
        payer,
        payment_method

),

final as (

    select
        *,
        {{ pct('collected_amount', 'billed_amount') }} as collection_rate_pct
    from summed

)

select * from final
