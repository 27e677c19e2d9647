with

doctors as (

    select * from {{ ref('doctors') }}

),

final as (

    select
        doctors.source_system,
        doctors.doctor_key,
        doctors.doctor_name,
        {{ published_text('doctors.specialty', 'withheld') }} as specialty,
        doctors.contracted_hours_per_week,
        doctors.branch_key,
        branches.branch_name,
        doctors.department_key,
        departments.department_name,
        doctors.valid_from,
        doctors.valid_to,
        doctors.is_current
    from doctors
    left join
        {{ ref('branches') }} as branches
        on doctors.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on doctors.department_key = departments.department_key
    left join {{ ref('withheld_texts') }} as withheld
        on
            doctors.source_system = withheld.source_system
            and doctors.specialty = withheld.told

)

select * from final
