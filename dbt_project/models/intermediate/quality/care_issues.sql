{%- set touched -%}
    {{ changed({'appointments': 'appointment_key', 'treatments': 'treatment_key'}) }}
    {%- for rows, part, parent, key in [
        ('appointments', 'appointment_key', 'patients', 'patient_key'),
        ('appointments', 'appointment_key', 'doctors', 'doctor_key'),
        ('treatments', 'treatment_key', 'admissions', 'admission_key'),
        ('treatments', 'treatment_key', 'doctors', 'doctor_key'),
    ] %}
    union all
    {{ touched_by(parent, [part], [key], rows=rows) }}
    {%- endfor %}
    union all
    {{ touched_ahead('appointments', 'appointment_key', 'scheduled_on') }}
{%- endset -%}
{{ built_in_parts(['record_key'], touched) }}

with

patients as (

    select * from {{ ref('patients') }}

),

admissions as (

    select * from {{ ref('admissions') }}

),

doctors as (

    select distinct doctor_key from {{ ref('doctors') }}

),

appointments as (

    select
        appointments.source_system,
        appointments.appointment_key,
        appointments.branch_key,
        appointments.department_key,
        appointments.scheduled_on < patients.registered_on
            as appointment_before_registration,
        appointments.booked_at > appointments.scheduled_at
            as booked_after_appointment,
        appointments.appointment_status in ('completed', 'no_show')
        and appointments.scheduled_on > source_systems.as_of_date
            as outcome_before_appointment,
        {{ names_unknown(
            'patients', 'appointments.patient_key', 'patients.patient_key is not null',
            'appointments.source_system'
        ) }} as unknown_patient,
        {{ names_unknown(
            'doctors', 'appointments.doctor_key', 'doctors.doctor_key is not null',
            'appointments.source_system'
        ) }} as unknown_doctor
    from {{ ref('appointments') }} as appointments
    inner join {{ ref('source_systems') }} as source_systems
        on appointments.source_system = source_systems.source_system
    left join patients on appointments.patient_key = patients.patient_key
    left join doctors on appointments.doctor_key = doctors.doctor_key
    where {{ is_touched(['appointments.appointment_key']) }}

),

treatments as (

    select
        treatments.source_system,
        treatments.treatment_key,
        treatments.branch_key,
        treatments.department_key,
        treatments.treated_on < admissions.admitted_on
        or treatments.treated_on > admissions.discharged_on as treatment_outside_stay,
        treatments.department_key <> admissions.department_key
            as treatment_department_differs_from_admission,
        {{ names_unknown(
            'admissions', 'treatments.admission_key', 'treatments.is_admission_known',
            'treatments.source_system'
        ) }} as unknown_admission,
        {{ names_unknown(
            'appointments', 'treatments.appointment_key',
            'treatments.is_appointment_known', 'treatments.source_system'
        ) }} as unknown_appointment,
        {{ names_unknown(
            'doctors', 'treatments.doctor_key', 'doctors.doctor_key is not null',
            'treatments.source_system'
        ) }} as unknown_doctor
    from {{ ref('treatments') }} as treatments
    left join admissions on treatments.admission_key = admissions.admission_key
    left join doctors on treatments.doctor_key = doctors.doctor_key
    where {{ is_touched(['treatments.treatment_key']) }}

),

final as (

    {{ list_issues('appointments', 'appointments', 'appointment_key', [
        'appointment_before_registration', 'booked_after_appointment',
        'outcome_before_appointment', 'unknown_patient', 'unknown_doctor',
    ]) }}
    union all
    {{ list_issues('treatments', 'treatments', 'treatment_key', [
        'treatment_outside_stay', 'treatment_department_differs_from_admission',
        'unknown_admission', 'unknown_appointment', 'unknown_doctor',
    ]) }}

)

select * from final
