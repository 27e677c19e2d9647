with

bed_cells as (

    select * from {{ ref('bed_cells') }}

),

final as (

    select
        bed_cells.source_system,
        bed_cells.bed_cell_number,
        bed_cells.branch_key,
        bed_cells.department_key,
        bed_cells.ward_key,
        bed_cells.bed_type,
        branches.branch_name,
        departments.department_name,
        wards.ward_name
    from bed_cells
    left join {{ ref('branches') }} as branches
        on bed_cells.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on bed_cells.department_key = departments.department_key
    left join {{ ref('wards') }} as wards on bed_cells.ward_key = wards.ward_key

)

select * from final
