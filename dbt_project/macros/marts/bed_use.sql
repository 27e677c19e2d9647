{# How beds were used in a period, from one row per night, branch and department. #}
{%- macro bed_use(period_column, period) %}
{%- set types = {
    'nights': 'integer', 'occupied_bed_days': 'bigint', 'available_bed_days': 'bigint',
    'discharges': 'bigint',
} %}
with

nightly as (

    select
        source_system, date_day, branch_key, branch_name, department_key,
        department_name,
        {{ given_or_null(types, {
            'nights': '1', 'occupied_bed_days': 'census_midnight',
            'discharges': 'discharges',
        }) }}
    from {{ ref('patient_flow_daily') }}
    union all
    select
        source_system, date_day, branch_key, branch_name, department_key,
        department_name,
        {{ given_or_null(types, {'available_bed_days': 'available_beds'}) }}
    from {{ ref('bed_occupancy_daily') }}

),

summed as (

    select
        source_system,
        {{ period }} as {{ period_column }},
        branch_key,
        branch_name,
        department_key,
        department_name,
        {{ summed(types) }}
    from nightly
    group by
        source_system, {{ period }}, branch_key, branch_name, department_key,
        department_name

),

final as (

    select
        *,
        {{ pct('occupied_bed_days', 'available_bed_days') }} as occupancy_pct,
        {{ ratio('occupied_bed_days', 'nights') }} as average_daily_census,
        {{ ratio('available_bed_days', 'nights') }} as average_available_beds,
        {{ ratio('occupied_bed_days', 'discharges') }} as average_stay_days,
        {{ ratio('discharges * nights', 'available_bed_days') }} as bed_turnover_rate,
        {{ ratio('(available_bed_days - occupied_bed_days)', 'discharges') }}
            as turnover_interval_days
    from summed

)

select * from final
{%- endmacro %}
