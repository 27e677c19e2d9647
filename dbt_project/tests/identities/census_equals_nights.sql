{{ config(
    description="Midnight census over all nights = nights of measurable stays, open"
        ~ " ones to as_of."
) }}

with

census as (

    select
        source_system,
        sum(occupied_beds_midnight) as nights
    from {{ ref('bed_occupancy_daily') }}
    group by source_system

),

bed_stays as (

    select
        source_system,
        sum(nights) as nights
    from {{ ref('fct_bed_stays') }}
    group by source_system

),

stays as (

    select
        fct_admissions.source_system,
        sum(coalesce(
            fct_admissions.length_of_stay_nights,
            {{ dbt.datediff(
                'fct_admissions.admitted_on', 'source_systems.as_of_date', 'day'
            ) }} + 1
        )) as nights
    from {{ ref('fct_admissions') }} as fct_admissions
    inner join {{ ref('source_systems') }} as source_systems
        on fct_admissions.source_system = source_systems.source_system
    where fct_admissions.is_measurable
    group by fct_admissions.source_system

)

select
    stays.source_system,
    stays.nights as stay_nights,
    bed_stays.nights as bed_stay_nights,
    census.nights as census_nights
from stays
left join bed_stays on stays.source_system = bed_stays.source_system
left join census on stays.source_system = census.source_system
where
    coalesce(bed_stays.nights, -1) <> stays.nights
    or coalesce(census.nights, -1) <> stays.nights
