{{ built_in_parts(
    ['treatment_key'], changed({'treatments': 'treatment_key'})
) }}

with

treatments as (

    select * from {{ ref('treatments') }}
    where {{ is_touched(['treatment_key']) }}

),

final as (

    select
        treatments.source_system,
        treatments.treatment_key,
        treatments.appointment_key,
        treatments.admission_key,
        treatments.patient_key,
        treatments.doctor_key,
        treatments.branch_key,
        branches.branch_name,
        treatments.department_key,
        departments.department_name,
        treatments.treatment_type,
        treatments.treated_on,
        treatments.cost_amount
    from treatments
    left join {{ ref('branches') }} as branches
        on treatments.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on treatments.department_key = departments.department_key

)

select * from final
