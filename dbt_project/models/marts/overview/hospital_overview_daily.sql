{%- set figures = [
    {
        'relation': 'patient_flow_daily', 'day': 'date_day', 'sums': {
            'admissions': 'admissions', 'discharges': 'discharges',
            'census_midnight': 'census_midnight',
        },
    },
    {
        'relation': 'bed_occupancy_daily', 'day': 'date_day',
        'sums': {'available_beds': 'available_beds'},
    },
    {
        'relation': 'fct_admissions', 'day': 'discharged_on', 'sums': {
            'measured_discharges': 'case when length_of_stay_nights is null then 0 else 1 end',
            'bed_days_discharged': 'length_of_stay_nights',
        },
    },
    {
        'relation': 'appointment_activity_daily', 'day': 'date_day',
        'sums': {'appointments': 'booked', 'no_show': 'no_show', 'completed': 'completed'},
    },
    {
        'relation': 'fct_bills', 'day': 'billed_on', 'sums': {
            'billed_amount': 'billed_amount', 'collected_amount': 'collected_amount',
        },
    },
] -%}
{%- set names = [] -%}
{%- for figure in figures %}{% do names.extend(figure.sums.keys()) %}{% endfor -%}

with

daily as (
    {% for figure in figures %}
        select
            source_system,
            {{ figure.day }} as date_day,
            branch_key,
            branch_name,
        {%- for name in names %}
        {{ 'sum(' ~ figure.sums[name] ~ ')' if name in figure.sums
            else 'cast(null as numeric(18, 2))' }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
        from {{ ref(figure.relation) }}
        group by source_system, {{ figure.day }}, branch_key, branch_name
                {{ 'union all' if not loop.last }}
    {%- endfor %}

),

summed as (

    select
        daily.source_system,
        daily.date_day,
        daily.branch_key,
        daily.branch_name,
    {%- for name in names %}
        sum(daily.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
    from daily
    inner join {{ ref('source_systems') }} as source_systems
        on
            daily.source_system = source_systems.source_system
            and daily.date_day <= source_systems.as_of_date
    group by
        daily.source_system, daily.date_day, daily.branch_key, daily.branch_name

),

final as (

    select
        source_system,
        date_day,
        branch_key,
        branch_name,
        {%- for name in names %}
            cast(
                {{ zero_if_known(name) }}
                as {{ 'numeric(18, 2)' if name.endswith('_amount') else 'integer' }}
            ) as {{ name }},
        {%- endfor %}
        {{ pct('census_midnight', 'available_beds') }} as occupancy_pct,
        {{ ratio('bed_days_discharged', 'measured_discharges') }}
            as average_length_of_stay_nights
    from summed

)

select * from final
