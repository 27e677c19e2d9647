{%- set scope = ['source_system', 'bill_id'] -%}
{%- set touched -%}
    {{ touched_records('bills', ['bill_id']) }}
    union all
    select source_system, bill_id from ({{ unite('bills') }}) as bills
    where (source_system, patient_id) in (
        select source_system, patient_id from {{ changes('merged_patients') }}
    )
    union all
    {{ touched_by('treatments', scope, ['treatment_key']) }}
    union all
    {{ touched_by('admissions', scope, ['admission_key']) }}
    union all
    {{ touched_by_time(scope, 'own.billed_on = moved.as_of_date', day='billed_on') }}
{%- endset -%}
{{ built_in_parts(
    scope, touched, found_by=[['treatment_key'], ['admission_key']],
    dated=['billed_on']
) }}

with

united as ({{ unite('bills', part=['staged.bill_id']) }}),

named as (

    select
        united.*,
        coalesce(merged_patients.surviving_patient_id, united.patient_id)
            as counted_patient_id
    from united
    left join {{ ref('merged_patients') }} as merged_patients
        on
            united.source_system = merged_patients.source_system
            and united.patient_id = merged_patients.patient_id

),

keyed as (

    select
        *,
        {{ pseudonym('bill', 'bill_id') }} as bill_key,
        {{ pseudonym('patient', 'counted_patient_id') }} as own_patient_key,
        {{ pseudonym('treatment', 'treatment_id') }} as treatment_key,
        {{ pseudonym('admission', 'admission_id') }} as own_admission_key
    from named
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
