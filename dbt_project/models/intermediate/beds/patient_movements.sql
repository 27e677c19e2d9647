{{ built_in_parts(
    ['admission_key'], changed({'bed_stays': 'admission_key'})
) }}

{# Arrivals in and departures from a department, by the beds in which patients lay. #}
with

bed_stays as (

    select
        *,
        lag(bed_stay_key) over in_stay is null as is_first,
        lead(bed_stay_key) over in_stay is null as is_last,
        coalesce(lag(department_key) over in_stay, '')
        <> coalesce(department_key, '')
        or coalesce(lag(branch_key) over in_stay, '') <> coalesce(branch_key, '')
            as comes_from_elsewhere,
        coalesce(lead(department_key) over in_stay, '')
        <> coalesce(department_key, '')
        or coalesce(lead(branch_key) over in_stay, '') <> coalesce(branch_key, '')
            as goes_elsewhere
    from {{ ref('bed_stays') }}
    where {{ is_touched(['admission_key']) }}
    window in_stay as (partition by admission_key order by started_at_utc)

),

arrivals as (

    select
        bed_stay_key,
        admission_key,
        'arrival' as movement,
        source_system,
        branch_key,
        department_key,
        started_on as date_day,
        cast(is_first as integer) as admissions,
        cast(not is_first as integer) as transfers_in,
        0 as discharges,
        0 as transfers_out,
        0 as deaths,
        case when not is_date_only then 0 end as discharges_before_noon
    from bed_stays
    where is_first or comes_from_elsewhere

),

departures as (

    select
        bed_stay_key,
        admission_key,
        'departure' as movement,
        source_system,
        branch_key,
        department_key,
        ended_on as date_day,
        0 as admissions,
        0 as transfers_in,
        cast(is_last as integer) as discharges,
        cast(not is_last as integer) as transfers_out,
        cast(is_last and is_death as integer) as deaths,
        -- a date without a time does not tell
        case
            when is_date_only then null
            when is_last and {{ seconds_between(
                'cast(ended_on as timestamp)', 'ended_at'
            ) }} < 12 * 3600 then 1
            else 0
        end as discharges_before_noon
    from bed_stays
    where not is_open and (is_last or goes_elsewhere)

),

final as (

    select * from arrivals
    union all
    select * from departures

)

select * from final
