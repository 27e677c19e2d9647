with

issues as (

    select * from {{ ref('quality_issues') }}

),

final as (

    select
        issues.source_system,
        issues.entity,
        issues.record_key,
        issues.issue,
        issues.branch_key,
        branches.branch_name,
        issues.department_key,
        departments.department_name
    from issues
    left join
        {{ ref('branches') }} as branches
        on issues.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on issues.department_key = departments.department_key

)

select * from final
