{%- set parents = ['doctor_load_daily', 'doctor_patients', 'source_days'] -%}
{{ built_in_months('month_start', changed(dict.fromkeys(parents, 'date_day'))) }}

{%- set types = {
    'appointments': 'integer', 'completed_appointments': 'integer',
    'no_shows': 'integer', 'admissions': 'integer', 'caseload_nights': 'integer',
    'treatments': 'integer', 'activities': 'integer', 'completed_minutes': 'integer',
    'rostered_completed_minutes': 'integer', 'billed_amount': 'numeric(18, 2)',
    'rostered_hours': 'numeric(14, 4)', 'worked_hours': 'numeric(14, 4)',
} -%}

with

daily as (

    select
        *,
        midnight_caseload as caseload_nights,
        {{ month_of('date_day') }} as month_start
    from {{ ref('doctor_load_daily') }}
    where {{ is_in_touched_month('date_day') }}

),

summed as (

    select
        source_system,
        month_start,
        doctor_key,
        max(date_day) as last_day,
        {{ summed(types) }}
    from daily
    group by source_system, month_start, doctor_key

),

-- distinct rows are hashed where a count of distinct patients would sort
patients as (

    select
        doctor_key,
        month_start,
        count(*) as distinct_patients
    from (
        select distinct
            doctor_key,
            {{ month_of('date_day') }} as month_start,
            patient_key
        from {{ ref('doctor_patients') }}
        where {{ is_in_touched_month('date_day') }}
    ) as met
    group by doctor_key, month_start

),

-- nights of the month that the data cover, also those on which a doctor had no patient
month_nights as (

    select
        source_system,
        {{ month_of('date_day') }} as month_start,
        count(*) as nights
    from {{ ref('source_days') }}
    where {{ is_in_touched_month('date_day') }}
    group by source_system, {{ month_of('date_day') }}

),

-- the doctor's place and contract on the last day of activity in the month
placed as (

    select
        summed.*,
        coalesce(patients.distinct_patients, 0) as distinct_patients,
        month_nights.nights,
        last_daily.doctor_name,
        last_daily.branch_key,
        last_daily.branch_name,
        last_daily.department_key,
        last_daily.department_name,
        last_daily.full_time_equivalents,
        sum(summed.activities) over (
            partition by
                summed.source_system, last_daily.department_key, summed.month_start
        ) as activities_of_place
    from summed
    left join patients
        on
            summed.doctor_key = patients.doctor_key
            and summed.month_start = patients.month_start
    left join month_nights
        on
            summed.source_system = month_nights.source_system
            and summed.month_start = month_nights.month_start
    inner join daily as last_daily
        on
            summed.doctor_key = last_daily.doctor_key
            and summed.last_day = last_daily.date_day

),

final as (

    select
        source_system, month_start, doctor_key, doctor_name, branch_key, branch_name,
        department_key, department_name, appointments, completed_appointments, no_shows,
        distinct_patients, admissions, caseload_nights,
        {{ ratio('caseload_nights', 'nights') }} as midnight_caseload,
        treatments, billed_amount, completed_minutes, rostered_completed_minutes,
        rostered_hours, worked_hours,
        {{ doctor_load_rates() }}
    from placed

)

select * from final
