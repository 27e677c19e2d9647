with

patients as (

    select * from {{ ref('patients') }}

),

final as (

    select
        source_system,
        patient_key,
        sex,
        age_band,
        insurance_type,
        is_deceased
    from patients

)

select * from final
