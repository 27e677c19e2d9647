with

demographics as (

    select * from {{ ref('patient_demographics') }}

),

final as (

    select
        source_system,
        branch_key,
        branch_name,
        sex,
        age_band,
        insurance_type,
        {{ withheld_if_small('patients') }} as patients,
        {{ withheld_if_small('patients') }} is null as is_withheld
    from demographics

)

select * from final
