{{ built_in_months('month_start', changed({'fct_admissions': 'discharged_on'})) }}

with

discharged as (

    select
        *,
        {{ month_of('discharged_on') }} as month_start
    from {{ ref('fct_admissions') }}
    where
        length_of_stay_nights is not null
        and {{ is_in_touched_month('discharged_on') }}

),

counted as (

    select
        source_system,
        month_start,
        branch_key,
        branch_name,
        department_key,
        department_name,
        count(*) as discharges,
        {{ count_where('is_death') }} as deaths,
        {{ count_where('is_index_for_readmission') }} as index_discharges,
        {{ count_where('is_followed_by_readmission_30d') }} as readmissions_30d,
        {{ count_where('is_followed_by_emergency_readmission_nhs') }}
            as emergency_readmissions_nhs,
        case
            when count(is_readmission_recorded) > 0
                then {{ count_where('is_readmission_recorded') }}
        end as readmissions_recorded
    from discharged
    group by
        source_system,
        month_start,
        branch_key,
        branch_name,
        department_key,
        department_name

),

final as (

    select
        *,
        {{ pct('deaths', 'discharges') }} as mortality_pct,
        {{ pct('readmissions_30d', 'index_discharges') }} as readmission_30d_pct,
        {{ pct('emergency_readmissions_nhs', 'index_discharges') }}
            as emergency_readmission_nhs_pct
    from counted

)

select * from final
