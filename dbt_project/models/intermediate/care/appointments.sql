{%- set scope = ['source_system', 'appointment_id'] -%}
{%- set touched -%}
    {{ touched_records('appointments', ['appointment_id']) }}
    {%- for key, parent in {
        'doctor_id': 'doctors', 'patient_id': 'merged_patients',
    }.items() %}
    union all
    select source_system, appointment_id
    from ({{ unite('appointments') }}) as appointments
    where (source_system, {{ key }}) in (
        select source_system, {{ key }} from {{ changes(parent) }}
    )
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(
    scope, touched, found_by=[['patient_key']], dated=['scheduled_on']
) }}

with

united as ({{ unite('appointments', part=['staged.appointment_id']) }}),

doctors as (

    select * from {{ ref('doctors') }}

),

placed as (

    select
        united.source_system,
        united.appointment_id,
        coalesce(merged_patients.surviving_patient_id, united.patient_id)
            as patient_id,
        united.doctor_id,
        {{ place_branch(['united', 'doctors']) }} as branch_id,
        {{ place_department(['united', 'doctors']) }} as department_id,
        united.scheduled_at,
        united.booked_at,
        united.appointment_status,
        united.reason,
        united.duration_minutes,
        united._batch_id
    from united
    left join doctors
        on
            united.source_system = doctors.source_system
            and united.doctor_id = doctors.doctor_id
            and {{ is_valid_on('cast(united.scheduled_at as date)', 'doctors') }}
    left join {{ ref('merged_patients') }} as merged_patients
        on
            united.source_system = merged_patients.source_system
            and united.patient_id = merged_patients.patient_id

),

final as (

    select
        source_system,
        {{ pseudonym('appointment', 'appointment_id') }} as appointment_key,
        {{ pseudonym('patient', 'patient_id') }} as patient_key,
        {{ natural_key('doctor_id') }} as doctor_key,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        appointment_id,
        branch_id,
        department_id,
        scheduled_at,
        cast(scheduled_at as date) as scheduled_on,
        booked_at,
        cast(booked_at as date) as booked_on,
        appointment_status,
        reason,
        duration_minutes,
        _batch_id
    from placed

)

select * from final
