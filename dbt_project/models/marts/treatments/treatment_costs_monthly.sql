{{ built_in_months('month_start', touched_days('fct_treatments', 'treated_on')) }}

with

treatments as ({{ up_to_as_of(ref('fct_treatments'), 'treated_on') }}),

final as (

    select
        source_system,
        {{ month_of('treated_on') }} as month_start,
        branch_key,
        branch_name,
        department_key,
        department_name,
        treatment_type,
        count(*) as treatments,
        count(cost_amount) as costed_treatments,
        cast(sum(cost_amount) as numeric(18, 2)) as total_cost_amount,
        {{ ratio('sum(cost_amount)', 'count(cost_amount)') }} as average_cost_amount,
        {{ median('cost_amount') }} as median_cost_amount,
        min(cost_amount) as minimum_cost_amount,
        max(cost_amount) as maximum_cost_amount
    from treatments
    group by
        source_system,
        {{ month_of('treated_on') }},
        branch_key,
        branch_name,
        department_key,
        department_name,
        treatment_type

)

select * from final
