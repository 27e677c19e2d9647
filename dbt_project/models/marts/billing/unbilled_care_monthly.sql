with

care as (

    select
        completed_care.*,
        {{ month_of('completed_care.completed_on') }} as month_start
    from {{ ref('completed_care') }} as completed_care
    inner join {{ ref('source_systems') }} as source_systems
        on
            completed_care.source_system = source_systems.source_system
            and completed_care.completed_on <= source_systems.as_of_date
    where {{ provides('bills', 'completed_care.source_system') }}

),

counted as (

    select
        source_system,
        month_start,
        branch_key,
        department_key,
        care_type,
        count(*) as completed_care,
        {{ count_where('not is_billed') }} as unbilled_care,
        cast(sum(unbilled_cost_amount) as numeric(18, 2)) as unbilled_cost_amount
    from care
    group by source_system, month_start, branch_key, department_key, care_type

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
