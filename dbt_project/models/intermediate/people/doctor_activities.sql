{#- Every kind of activity brings the columns that it has; the others are null. -#}
{%- set kinds = [
    {
        'relation': 'appointments', 'day': 'scheduled_on', 'patient': true, 'columns': {
            'appointments': '1',
            'completed_appointments':
                "case when appointment_status = 'completed' then 1 else 0 end",
            'no_shows': "case when appointment_status = 'no_show' then 1 else 0 end",
            'completed_minutes':
                "case when appointment_status = 'completed' then duration_minutes end",
        },
    },
    {
        'relation': 'admissions', 'day': 'admitted_on', 'patient': true,
        'where': 'is_measurable', 'columns': {'admissions': '1'},
    },
    {
        'relation': 'treatments', 'day': 'treated_on', 'patient': true,
        'columns': {'treatments': '1'},
    },
    {
        'relation': 'bills', 'day': 'billed_on',
        'columns': {'billed_amount': 'billed_amount'},
    },
    {
        'relation': 'doctor_shifts', 'day': 'shift_on', 'columns': {
            'rostered_hours': 'rostered_hours', 'worked_hours': 'worked_hours',
        },
    },
    {
        'relation': 'doctor_caseload_nights', 'day': 'date_day',
        'columns': {'midnight_caseload': 'midnight_caseload'},
    },
] -%}
{%- set measures = doctor_measures() -%}

with

activities as (
    {% for kind in kinds %}
    select
        source_system,
        doctor_key,
        {{ kind.day }} as date_day,
        {{ 'patient_key' if kind.patient else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as patient_key,
        {%- for measure, type in measures.items() %}
        cast({{ kind['columns'].get(measure, 'null') }} as {{ type }}) as {{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(kind.relation) }}
    where doctor_key is not null{{ ' and ' ~ kind.where if kind.where }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        activities.source_system,
        activities.doctor_key,
        activities.date_day,
        activities.patient_key,
        {%- for measure, type in measures.items() %}
        cast(sum(activities.{{ measure }}) as {{ type }}) as {{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from activities
    inner join {{ ref('source_systems') }} as source_systems
        on
            activities.source_system = source_systems.source_system
            and activities.date_day <= source_systems.as_of_date
    group by
        activities.source_system,
        activities.doctor_key,
        activities.date_day,
        activities.patient_key

)

select * from final
