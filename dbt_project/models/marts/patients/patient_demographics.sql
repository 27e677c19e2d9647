with

patients as (

    select * from {{ ref('dim_patient') }}

),

homes as (

    select * from {{ ref('patient_homes') }}

),

final as (

    select
        patients.source_system,
        homes.branch_key,
        branches.branch_name,
        patients.sex,
        patients.age_band,
        patients.insurance_type,
        count(*) as patients
    from patients
    left join homes on patients.patient_key = homes.patient_key
    left join
        {{ ref('branches') }} as branches
        on homes.branch_key = branches.branch_key
    group by
        patients.source_system,
        homes.branch_key,
        branches.branch_name,
        patients.sex,
        patients.age_band,
        patients.insurance_type

)

select * from final
