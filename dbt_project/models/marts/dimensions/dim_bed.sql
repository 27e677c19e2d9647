with

beds as (

    select * from {{ ref('beds') }}

),

final as (

    select
        beds.source_system,
        beds.bed_key,
        beds.bed_type,
        beds.opened_on,
        beds.closed_on,
        beds.is_staffed,
        beds.ward_key,
        wards.ward_name,
        beds.branch_key,
        branches.branch_name,
        beds.department_key,
        departments.department_name
    from beds
    left join {{ ref('wards') }} as wards on beds.ward_key = wards.ward_key
    left join {{ ref('branches') }} as branches on beds.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on beds.department_key = departments.department_key

)

select * from final
