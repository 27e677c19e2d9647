{%- set touched -%}
    select treatment_key from {{ changes('treatments') }}
    union all
    {{ touched_by_text(['treatment_key'], 'treatment_type', upstream('treatments')) }}
    union all
    {{ touched_by_places(['treatment_key'], {
        'branches': 'branch_key', 'departments': 'department_key'
    }) }}
{%- endset -%}
{{ built_in_parts(['treatment_key'], touched, dated=['treated_on']) }}

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
        {{ published_text('treatments.treatment_type', 'withheld') }}
            as treatment_type,
        treatments.treated_on,
        treatments.cost_amount
    from treatments
    left join {{ ref('branches') }} as branches
        on treatments.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on treatments.department_key = departments.department_key
    left join {{ ref('withheld_texts') }} as withheld
        on
            treatments.source_system = withheld.source_system
            and treatments.treatment_type = withheld.told

)

select * from final
