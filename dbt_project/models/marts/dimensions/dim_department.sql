with

departments as (

    select * from {{ ref('departments') }}

),

branches as (

    select * from {{ ref('branches') }}

),

final as (

    select
        departments.source_system,
        departments.department_key,
        departments.department_name,
        departments.branch_key,
        branches.branch_name
    from departments
    left join branches on departments.branch_key = branches.branch_key

)

select * from final
