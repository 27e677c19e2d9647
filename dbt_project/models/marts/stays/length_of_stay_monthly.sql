{{ built_in_months('month_start', changed({'fct_admissions': 'discharged_on'})) }}

with

discharged as (

    select
        *,
        {{ month_of('discharged_on') }} as month_start,
        length_of_stay_nights as nights,
        -- the hours are rounded, the seconds behind them are whole
        round(length_of_stay_hours * 3600, 0) as seconds
    from {{ ref('fct_admissions') }}
    where
        length_of_stay_nights is not null
        and {{ is_in_touched_month('discharged_on') }}

),

final as (

    select
        source_system,
        month_start,
        branch_key,
        branch_name,
        department_key,
        department_name,
        admission_type,
        count(*) as discharges,
        {{ count_where('is_same_day') }} as same_day_discharges,
        sum(nights) as bed_days,
        cast(sum(seconds) / 3600 as numeric(18, 4)) as stay_hours,
        {{ ratio('sum(nights)', 'count(*)') }} as average_length_of_stay_nights,
        {{ ratio('sum(seconds)', '(3600 * count(*))') }}
            as average_length_of_stay_hours,
        {{ ratio('sum(nights)', count_where('not is_same_day')) }}
            as average_overnight_length_of_stay_nights,
        {{ geometric_mean('nights') }} as geometric_mean_length_of_stay_nights,
        {{ median('nights') }} as median_length_of_stay_nights,
        {{ percentile(0.9, 'nights') }} as p90_length_of_stay_nights,
        {{ count_where('is_long_stay') }} as long_stays
    from discharged
    group by
        source_system,
        month_start,
        branch_key,
        branch_name,
        department_key,
        department_name,
        admission_type

)

select * from final
