{%- set of_place = [
    'doctor_name', 'branch_key', 'branch_name', 'department_key', 'department_name',
] -%}
{%- set touched -%}
    {{ changed({'doctor_activities': 'date_day', 'doctor_patients': 'date_day'}) }}
    union all
    -- days of which the register tells otherwise now
    select own.date_day
    from {{ this }} as own
    left join {{ upstream('dim_doctor') }} as dim_doctor
        on
            own.doctor_key = dim_doctor.doctor_key
            and {{ is_valid_on('own.date_day', 'dim_doctor') }}
    where
        own.doctor_key in (select doctor_key from {{ changes('dim_doctor') }})
        and ({{ is_told_otherwise(of_place) }})
{%- endset -%}
{{ built_in_months('date_day', touched) }}

{%- set counts = [
    'appointments', 'completed_appointments', 'no_shows', 'admissions',
    'midnight_caseload', 'treatments', 'completed_minutes',
] -%}

with

activities as (

    select * from {{ ref('doctor_activities') }}
    where {{ is_in_touched_month('date_day') }}

),

patients as (

    select
        doctor_key,
        date_day,
        count(*) as distinct_patients
    from {{ ref('doctor_patients') }}
    where {{ is_in_touched_month('date_day') }}
    group by doctor_key, date_day

),

counted as (

    select
        activities.source_system,
        activities.date_day,
        activities.doctor_key,
        {% for name in counts -%}
            coalesce(activities.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        coalesce(patients.distinct_patients, 0) as distinct_patients,
        coalesce(activities.billed_amount, 0) as billed_amount,
        activities.rostered_hours,
        activities.worked_hours
    from activities
    left join patients
        on
            activities.doctor_key = patients.doctor_key
            and activities.date_day = patients.date_day

),

-- minutes of a clinic that no roster offered are no use of one
with_activities as (

    select
        *,
        case when rostered_hours > 0 then completed_minutes end
            as rostered_completed_minutes,
        completed_appointments + admissions + treatments as activities
    from counted

),

-- the doctor's place on that day
placed as (

    select
        with_activities.*,
        {% for column in of_place -%}
            dim_doctor.{{ column }},
        {% endfor -%}
        {{ full_time_equivalents() }} as full_time_equivalents,
        sum(with_activities.activities) over (
            partition by
                with_activities.source_system, dim_doctor.department_key,
                with_activities.date_day
        ) as activities_of_place
    from with_activities
    left join {{ ref('dim_doctor') }} as dim_doctor
        on
            with_activities.doctor_key = dim_doctor.doctor_key
            and {{ is_valid_on('with_activities.date_day', 'dim_doctor') }}

),

final as (

    select
        source_system, date_day, doctor_key, doctor_name, branch_key, branch_name,
        department_key, department_name, appointments, completed_appointments, no_shows,
        distinct_patients, admissions, midnight_caseload, treatments, billed_amount,
        completed_minutes, rostered_completed_minutes, rostered_hours, worked_hours,
        {{ doctor_load_rates() }}
    from placed

)

select * from final
