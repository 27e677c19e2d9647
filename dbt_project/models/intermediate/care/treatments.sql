{%- set scope = ['source_system', 'treatment_id'] -%}
{%- set touched -%}
    {{ touched_records('treatments', ['treatment_id']) }}
    union all
    {{ touched_by('appointments', scope, ['appointment_key']) }}
    union all
    {{ touched_by('admissions', scope, ['admission_key']) }}
{%- endset -%}
{{ built_in_parts(
    scope, touched, found_by=[['appointment_key'], ['admission_key']],
    dated=['treated_on']
) }}

with

united as ({{ unite('treatments', part=['staged.treatment_id']) }}),

appointments as (

    select * from {{ ref('appointments') }}

),

admissions as (

    select * from {{ ref('admissions') }}

),

keyed as (

    select
        *,
        {{ pseudonym('treatment', 'treatment_id') }} as treatment_key,
        {{ pseudonym('appointment', 'appointment_id') }} as appointment_key,
        {{ pseudonym('admission', 'admission_id') }} as admission_key,
        {{ natural_key('doctor_id') }} as own_doctor_key
    from united
    {{ keep_apart() }}

),

placed as (

    select
        keyed.*,
        coalesce(appointments.patient_key, admissions.patient_key) as patient_key,
        coalesce(keyed.own_doctor_key, appointments.doctor_key) as doctor_key,
        {{ place_branch(['keyed', 'appointments', 'admissions']) }} as found_branch_id,
        {{ place_department(['keyed', 'appointments', 'admissions']) }}
            as found_department_id,
        appointments.appointment_key is not null as is_appointment_known,
        admissions.admission_key is not null as is_admission_known
    from keyed
    left join appointments on keyed.appointment_key = appointments.appointment_key
    left join admissions on keyed.admission_key = admissions.admission_key

),

final as (

    select
        source_system,
        treatment_key,
        appointment_key,
        admission_key,
        patient_key,
        doctor_key,
        {{ natural_key('found_branch_id') }} as branch_key,
        {{ department_key('found_branch_id', 'found_department_id') }}
            as department_key,
        treatment_id,
        found_branch_id as branch_id,
        found_department_id as department_id,
        treatment_type,
        treated_on,
        cost_amount,
        is_appointment_known,
        is_admission_known,
        _batch_id
    from placed

)

select * from final
