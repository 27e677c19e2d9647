{{ config(
    description="Whatever may be summed over time is the same by month as by day."
) }}
{%- set load = [
    'appointments', 'completed_appointments', 'no_shows', 'admissions', 'treatments',
    'billed_amount', 'completed_minutes', 'rostered_hours', 'worked_hours',
    'activities',
] -%}
{#- measure: (by day, by month), each as (mart, column) -#}
{%- set pairs = {
    'bed-days occupied': [
        ('bed_occupancy_daily', 'occupied_beds_midnight'),
        ('bed_use_monthly', 'occupied_bed_days'),
    ],
    'bed-days occupied in years': [
        ('bed_use_monthly', 'occupied_bed_days'),
        ('bed_use_yearly', 'occupied_bed_days'),
    ],
    'bed-days available': [
        ('bed_occupancy_daily', 'available_beds'),
        ('bed_use_monthly', 'available_bed_days'),
    ],
    'bed-days available in years': [
        ('bed_use_monthly', 'available_bed_days'),
        ('bed_use_yearly', 'available_bed_days'),
    ],
    'discharges': [
        ('patient_flow_daily', 'discharges'), ('bed_use_monthly', 'discharges'),
    ],
    'measured discharges': [
        ('hospital_overview_daily', 'measured_discharges'),
        ('length_of_stay_monthly', 'discharges'),
    ],
    'nights of discharged stays': [
        ('hospital_overview_daily', 'bed_days_discharged'),
        ('length_of_stay_monthly', 'bed_days'),
    ],
    'billed': [
        ('hospital_overview_daily', 'billed_amount'),
        ('billing_monthly', 'billed_amount'),
    ],
    'collected': [
        ('hospital_overview_daily', 'collected_amount'),
        ('billing_monthly', 'collected_amount'),
    ],
    'caseload': [
        ('doctor_load_daily', 'midnight_caseload'),
        ('doctor_load_monthly', 'caseload_nights'),
    ],
} -%}
{%- for measure in load -%}
    {%- do pairs.update({
        "doctors' " ~ measure: [
            ('doctor_load_daily', measure), ('doctor_load_monthly', measure),
        ]
    }) -%}
{%- endfor %}
{#- Each mart is read once, whatever is asked of it. -#}
{%- set asked = {} -%}
{%- for sides in pairs.values() -%}
    {%- for mart, column in sides -%}
        {%- do asked.setdefault(mart, {}).update({column: 'sum(' ~ column ~ ')'}) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set read_once = [] -%}
{%- for mart, sums in asked.items() -%}
    {%- set given = [] -%}
    {%- for column, sum in sums.items() -%}
        {%- do given.append(sum ~ ' as ' ~ column) -%}
    {%- endfor -%}
    {%- do read_once.append(
        mart ~ ' as (select source_system, ' ~ given | join(', ')
        ~ ' from ' ~ ref(mart) ~ ' group by source_system)'
    ) -%}
{%- endfor %}

with

{{ read_once | join(', ') }},

sides as (
    {%- for measure, sides in pairs.items() %}
        {{ 'union all' if not loop.first }}
        select
            source_system,
            '{{ measure | replace("'", "''") }}' as measure,
            {{ sides[0][1] }} as by_day,
            0 as by_month
        from {{ sides[0][0] }}
        union all
        select
            source_system,
            '{{ measure | replace("'", "''") }}' as measure,
            0 as by_day,
            {{ sides[1][1] }} as by_month
        from {{ sides[1][0] }}
    {%- endfor %}

)

select
    source_system,
    measure,
    sum(by_day) as by_day,
    sum(by_month) as by_month
from sides
group by source_system, measure
having coalesce(sum(by_day), 0) <> coalesce(sum(by_month), 0)
