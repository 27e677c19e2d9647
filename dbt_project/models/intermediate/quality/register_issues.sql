with

-- who has the name or the e-mail of another registration: reported, never merged
patients as (

    select
        source_system,
        patient_key,
        cast(null as {{ dbt.type_string() }}) as branch_key,
        cast(null as {{ dbt.type_string() }}) as department_key,
        coalesce(patient_name is not null and row_number() over (
            partition by source_system, {{ folded('patient_name') }}
            order by registered_on nulls last, {{ in_code_order('patient_id') }}
        ) > 1, false)
        or coalesce(email is not null and row_number() over (
            partition by source_system, {{ folded('email') }}
            order by registered_on nulls last, {{ in_code_order('patient_id') }}
        ) > 1, false) as patient_shares_name_or_email,
        is_id_reused as patient_id_reused,
        is_merge_target_unknown as merged_into_unknown_patient,
        is_merged_in_circle as merged_in_circle
    from {{ ref('patients') }}

),

branches as (

    select
        source_system,
        branch_key,
        cast(null as {{ dbt.type_string() }}) as department_key,
        is_time_zone_unknown as unknown_time_zone
    from {{ ref('branch_clocks') }}

),

doctors as (

    select distinct doctor_key from {{ ref('doctors') }}

),

shifts as (

    select
        doctor_shifts.source_system,
        doctor_shifts.shift_key,
        doctor_shifts.branch_key,
        doctor_shifts.department_key,
        doctor_shifts.occurrence > 1 as shift_repeated,
        doctor_shifts.shift_of_day > 1 as shift_repeats_doctor_and_day,
        {{ names_unknown(
            'doctors', 'doctor_shifts.doctor_key', 'doctors.doctor_key is not null',
            'doctor_shifts.source_system'
        ) }} as unknown_doctor
    from {{ ref('doctor_shifts') }} as doctor_shifts
    left join doctors
        on doctor_shifts.doctor_key = doctors.doctor_key

),

final as (

    {{ list_issues('patients', 'patients', 'patient_key', [
        'patient_shares_name_or_email', 'patient_id_reused',
        'merged_into_unknown_patient', 'merged_in_circle',
    ]) }}
    union all
    {{ list_issues('branches', 'branches', 'branch_key', ['unknown_time_zone']) }}
    union all
    {{ list_issues('shifts', 'doctor_shifts', 'shift_key', [
        'shift_repeated', 'shift_repeats_doctor_and_day', 'unknown_doctor',
    ]) }}

)

select * from final
