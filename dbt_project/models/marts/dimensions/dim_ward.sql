with

wards as (

    select * from {{ ref('wards') }}

),

final as (

    select
        wards.source_system,
        wards.ward_key,
        wards.ward_name,
        wards.branch_key,
        branches.branch_name,
        wards.department_key,
        departments.department_name
    from wards
    left join
        {{ ref('branches') }} as branches
        on wards.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on wards.department_key = departments.department_key

)

select * from final
