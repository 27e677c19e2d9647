with

united as ({{ unite('bills') }}),

keyed as (

    select
        *,
        {{ pseudonym('bill', 'bill_id') }} as bill_key,
        {{ pseudonym('patient', 'patient_id') }} as own_patient_key,
        {{ pseudonym('treatment', 'treatment_id') }} as treatment_key,
        {{ pseudonym('admission', 'admission_id') }} as own_admission_key
    from united
    {{ keep_apart() }}

),

final as (

    select
        keyed.source_system,
        keyed.bill_key,
        keyed.own_patient_key,
        coalesce(treatments.patient_key, admissions.patient_key) as cared_patient_key,
        keyed.treatment_key,
        coalesce(keyed.own_admission_key, treatments.admission_key) as admission_key,
        coalesce(treatments.doctor_key, admissions.doctor_key) as doctor_key,
        keyed.bill_id,
        {{ place_branch(['keyed', 'treatments', 'admissions']) }} as branch_id,
        {{ place_department(['keyed', 'treatments', 'admissions']) }} as department_id,
        coalesce(
            keyed.billed_on, admissions.discharged_on, admissions.admitted_on,
            source_systems.as_of_date
        ) as billed_on,
        keyed.billed_amount,
        keyed.collected_amount,
        keyed.outstanding_amount,
        keyed.failed_amount,
        keyed.payment_status,
        keyed.payment_method,
        keyed.payer,
        keyed.room_amount,
        keyed.medicine_amount,
        keyed.procedure_amount,
        treatments.treatment_key is not null as is_treatment_known,
        admissions.admission_key is not null as is_admission_known,
        keyed._batch_id
    from keyed
    inner join {{ ref('source_systems') }} as source_systems
        on keyed.source_system = source_systems.source_system
    left join {{ ref('treatments') }} as treatments
        on keyed.treatment_key = treatments.treatment_key
    left join {{ ref('admissions') }} as admissions
        on
            coalesce(keyed.own_admission_key, treatments.admission_key)
            = admissions.admission_key

)

select * from final
