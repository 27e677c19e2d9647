{%- set touched -%}
    {{ touched_days('completed_care', 'completed_on') }}
    union all
    {{ touched_by_places(['month_start'], {
        'branches': 'branch_key', 'departments': 'department_key'
    }) }}
{%- endset -%}
{{ built_in_months('month_start', touched) }}

with

care as ({{ up_to_as_of(ref('completed_care'), 'completed_on') }}),

counted as (

    select
        source_system,
        {{ month_of('completed_on') }} as month_start,
        branch_key,
        department_key,
        care_type,
        count(*) as completed_care,
        {{ count_where('not is_billed') }} as unbilled_care,
        cast(sum(unbilled_cost_amount) as numeric(18, 2)) as unbilled_cost_amount
    from care
    where {{ provides('bills') }}
    group by
        source_system,
        {{ month_of('completed_on') }},
        branch_key,
        department_key,
        care_type

),

final as (

    select
        counted.*,
        branches.branch_name,
        departments.department_name,
        {{ pct('counted.unbilled_care', 'counted.completed_care') }}
            as unbilled_care_pct
    from counted
    left join {{ ref('branches') }} as branches
        on counted.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on counted.department_key = departments.department_key

)

select * from final
