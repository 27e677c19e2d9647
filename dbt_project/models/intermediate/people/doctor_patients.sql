{%- set meetings = {
    'appointments': 'scheduled_on', 'admissions': 'admitted_on',
    'treatments': 'treated_on',
} -%}
{%- set touched = [] -%}
{%- for relation, day in meetings.items() -%}
    {%- do touched.append(touched_days(relation, day, ['doctor_key'])) -%}
{%- endfor -%}
{{ built_in_months('date_day', touched | join(' union all '), ['doctor_key']) }}

with

met as (
    {%- for relation, day in meetings.items() %}
        {{ 'union' if not loop.first }}
        select
            source_system,
            doctor_key,
            patient_key,
            {{ day }} as date_day
        from {{ ref(relation) }}
        where
            doctor_key is not null
            and patient_key is not null
            and {{ 'is_measurable' if relation == 'admissions' else 'true' }}
            and {{ is_in_touched_month(day, of=['doctor_key']) }}
    {%- endfor %}

),

up_to_as_of as ({{ up_to_as_of('met', 'date_day') }}),

final as (

    select
        source_system,
        doctor_key,
        date_day,
        patient_key
    from up_to_as_of

)

select * from final
