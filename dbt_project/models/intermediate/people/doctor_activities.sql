{#- Every kind of activity brings the columns that it has; the others are null. -#}
{%- set kinds = [
    {
        'relation': 'appointments', 'day': 'scheduled_on', 'given': {
            'appointments': '1',
            'completed_appointments':
                "case when appointment_status = 'completed' then 1 else 0 end",
            'no_shows': "case when appointment_status = 'no_show' then 1 else 0 end",
            'completed_minutes':
                "case when appointment_status = 'completed' then duration_minutes end",
        },
    },
    {
        'relation': 'admissions', 'day': 'admitted_on', 'condition': 'is_measurable',
        'given': {'admissions': '1'},
    },
    {
        'relation': 'treatments', 'day': 'treated_on', 'given': {'treatments': '1'},
    },
    {
        'relation': 'bills', 'day': 'billed_on',
        'given': {'billed_amount': 'billed_amount'},
    },
    {
        'relation': 'doctor_shifts', 'day': 'shift_on', 'given': {
            'rostered_hours': 'rostered_hours', 'worked_hours': 'worked_hours',
        },
    },
    {
        'relation': 'doctor_caseload_nights', 'day': 'date_day',
        'given': {'midnight_caseload': 'midnight_caseload'},
    },
] -%}
{%- set measures = {
    'appointments': 'integer', 'completed_appointments': 'integer',
    'no_shows': 'integer', 'completed_minutes': 'integer', 'admissions': 'integer',
    'treatments': 'integer',
    'billed_amount': 'numeric(18, 2)', 'rostered_hours': 'numeric(14, 4)',
    'worked_hours': 'numeric(14, 4)', 'midnight_caseload': 'integer',
} -%}
{%- set touched = [] -%}
{%- for kind in kinds -%}
    {%- do touched.append(touched_days(kind.relation, kind.day, ['doctor_key'])) -%}
{%- endfor -%}
{{ built_in_months('date_day', touched | join(' union all '), ['doctor_key']) }}

with

activities as (
    {%- for kind in kinds %}
        {{ 'union all' if not loop.first }}
        select
            source_system,
            doctor_key,
            {{ kind.day }} as date_day,
            {{ given_or_null(measures, kind.given) }}
        from {{ ref(kind.relation) }}
        where
            doctor_key is not null
            and {{ kind.condition or 'true' }}
            and {{ is_in_touched_month(kind.day, of=['doctor_key']) }}
    {%- endfor %}

),

up_to_as_of as ({{ up_to_as_of('activities', 'date_day') }}),

final as (

    select
        source_system,
        doctor_key,
        date_day,
        {{ summed(measures) }}
    from up_to_as_of
    group by source_system, doctor_key, date_day

)

select * from final
