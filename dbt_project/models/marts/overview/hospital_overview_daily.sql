{%- set figures = [
    {
        'relation': 'patient_flow_daily', 'day': 'date_day', 'given': {
            'admissions': 'admissions', 'discharges': 'discharges',
            'census_midnight': 'census_midnight',
        },
    },
    {
        'relation': 'bed_occupancy_daily', 'day': 'date_day',
        'given': {'available_beds': 'available_beds'},
    },
    {
        'relation': 'fct_admissions', 'day': 'discharged_on', 'given': {
            'measured_discharges':
                'case when length_of_stay_nights is null then 0 else 1 end',
            'bed_days_discharged': 'length_of_stay_nights',
        },
    },
    {
        'relation': 'appointment_activity_daily', 'day': 'date_day',
        'given': {
            'appointments': 'booked', 'no_show': 'no_show', 'completed': 'completed',
        },
    },
    {
        'relation': 'fct_bills', 'day': 'billed_on', 'given': {
            'billed_amount': 'billed_amount', 'collected_amount': 'collected_amount',
        },
    },
] -%}
{%- set types = {
    'admissions': 'integer', 'discharges': 'integer', 'census_midnight': 'integer',
    'available_beds': 'integer', 'measured_discharges': 'integer',
    'bed_days_discharged': 'integer', 'appointments': 'integer', 'no_show': 'integer',
    'completed': 'integer', 'billed_amount': 'numeric(18, 2)',
    'collected_amount': 'numeric(18, 2)',
} -%}

with

daily as (
    {%- for figure in figures %}
        {{ 'union all' if not loop.first }}
        select
            source_system,
            {{ figure.day }} as date_day,
            branch_key,
            branch_name,
            {{ given_or_null(types, figure.given) }}
        from {{ ref(figure.relation) }}
    {%- endfor %}

),

up_to_as_of as ({{ up_to_as_of('daily', 'date_day') }}),

summed as (

    select
        source_system,
        date_day,
        branch_key,
        branch_name,
        {{ summed(types) }}
    from up_to_as_of
    group by source_system, date_day, branch_key, branch_name

),

final as (

    select
        source_system,
        date_day,
        branch_key,
        branch_name,
        {{ zero_if_known(types) }},
        {{ pct('census_midnight', 'available_beds') }} as occupancy_pct,
        {{ ratio('bed_days_discharged', 'measured_discharges') }}
            as average_length_of_stay_nights
    from summed

)

select * from final
