{{ config(
    description="census(D) = census(D-1) + admissions - discharges + transfers in -"
        ~ " transfers out, for every department and so for every branch."
) }}

with

flow as (

    select
        source_system,
        date_day,
        branch_key,
        department_key,
        census_midnight,
        net_flow,
        lag(census_midnight, 1, 0) over (
            partition by source_system, branch_key, department_key order by date_day
        ) as census_before
    from {{ ref('patient_flow_daily') }}

)

select * from flow
where census_midnight <> census_before + net_flow
