{%- set touched -%}
    select patient_key from {{ changes('patients') }}
    {%- for text in ['sex', 'insurance_type'] %}
    union all
    {{ touched_by_text(['patient_key'], text, upstream('patients')) }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['patient_key'], touched) }}

with

patients as (

    select * from {{ ref('patients') }}
    where {{ is_touched(['patient_key']) }}

),

final as (

    select
        patients.source_system,
        patients.patient_key,
        {{ published_text('patients.sex', 'withheld_sexes') }} as sex,
        patients.age_band,
        {{ published_text('patients.insurance_type', 'withheld_insurances') }}
            as insurance_type,
        patients.is_deceased
    from patients
    left join {{ ref('withheld_texts') }} as withheld_sexes
        on
            patients.source_system = withheld_sexes.source_system
            and patients.sex = withheld_sexes.told
    left join {{ ref('withheld_texts') }} as withheld_insurances
        on
            patients.source_system = withheld_insurances.source_system
            and patients.insurance_type = withheld_insurances.told

)

select * from final
