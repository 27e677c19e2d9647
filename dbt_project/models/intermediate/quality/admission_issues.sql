{%- set touched -%}
    {{ changed({'admissions': 'admission_key'}) }}
    {%- for parent, key in {
        'admissions': 'patient_key', 'patients': 'patient_key', 'doctors': 'doctor_key',
    }.items() %}
    union all
    {{ touched_by(parent, ['admission_key'], [key], rows='admissions') }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['record_key'], touched) }}

with

admissions as (

    select
        *,
        -- a stay whose own length cannot be told does not make others overlap it
        max(case when is_measurable then occupied_until_utc end) over (
            partition by coalesce(patient_key, admission_key)
            order by
                admitted_at_utc,
                occupied_until_utc,
                {{ in_code_order('admission_id') }}
            rows between unbounded preceding and 1 preceding
        ) as previous_until
    from {{ ref('admissions') }}
    where {{ is_touched_or_beside('admissions', 'admission_key', 'patient_key') }}

),

patients as (

    select * from {{ ref('patients') }}

),

recorded_deaths as (

    select
        patient_key,
        min(discharged_at_utc) as died_at
    from admissions
    where is_death
    group by patient_key

),

doctors as (

    select distinct doctor_key from {{ ref('doctors') }}

),

flagged as (

    select
        admissions.source_system,
        admissions.admission_key,
        admissions.branch_key,
        admissions.department_key,
        admissions.is_measurable
        and admissions.admitted_at_utc < admissions.previous_until
            as stay_overlaps_previous_stay,
        admissions.is_measurable
        and admissions.admitted_at_utc < admissions.previous_until
        and admissions.occupied_until_utc <= admissions.previous_until
            as stay_within_previous_stays,
        admissions.admitted_at_utc > recorded_deaths.died_at
        or admissions.admitted_on > patients.deceased_on
            as admission_after_recorded_death,
        admissions.discharged_at < admissions.admitted_at as discharge_before_admission,
        admissions.is_of_no_time as stay_of_no_time,
        admissions.admitted_at is null as discharge_without_admission,
        admissions.is_before_history as admission_before_history,
        admissions.is_admission_after_as_of as admission_after_as_of,
        admissions.is_discharge_after_as_of as discharge_after_as_of,
        admissions.is_open and admissions.outcome is not null
            as outcome_before_discharge,
        admissions.is_time_skipped as time_skipped_by_clock,
        admissions.is_id_reused as admission_id_reused,
        {{ names_unknown(
            'patients', 'admissions.patient_key', 'patients.patient_key is not null',
            'admissions.source_system'
        ) }} as unknown_patient,
        {{ names_unknown(
            'doctors', 'admissions.doctor_key', 'doctors.doctor_key is not null',
            'admissions.source_system'
        ) }} as unknown_doctor
    from admissions
    left join recorded_deaths on admissions.patient_key = recorded_deaths.patient_key
    left join patients on admissions.patient_key = patients.patient_key
    left join doctors on admissions.doctor_key = doctors.doctor_key

),

final as (

    {{ list_issues('flagged', 'admissions', 'admission_key', [
        'stay_overlaps_previous_stay', 'stay_within_previous_stays',
        'admission_after_recorded_death', 'discharge_before_admission',
        'stay_of_no_time', 'discharge_without_admission', 'admission_before_history',
        'admission_after_as_of', 'discharge_after_as_of', 'outcome_before_discharge',
        'time_skipped_by_clock', 'admission_id_reused', 'unknown_patient',
        'unknown_doctor',
    ]) }}

)

select * from final
where {{ is_touched(['record_key']) }}
