{{ config(
    description="Occupied bed time, by hour and by day = time of all measurable"
        ~ " stays, exactly."
) }}

with

by_hour as (

    select
        source_system,
        sum(occupied_bed_seconds) as occupied_seconds
    from {{ ref('bed_cell_hours') }}
    group by source_system

),

by_day as (

    select
        source_system,
        sum(occupied_bed_seconds) as occupied_seconds
    from {{ ref('bed_cell_days') }}
    group by source_system

),

stays as (

    select
        source_system,
        sum({{ seconds_between('admitted_at', 'occupied_until') }}) as stay_seconds
    from {{ ref('admissions') }}
    where is_measurable
    group by source_system

)

select
    stays.source_system,
    stays.stay_seconds,
    by_day.occupied_seconds as seconds_by_day,
    by_hour.occupied_seconds as seconds_by_hour
from stays
left join by_hour on stays.source_system = by_hour.source_system
left join by_day on stays.source_system = by_day.source_system
where
    coalesce(by_day.occupied_seconds, -1) <> stays.stay_seconds
    or coalesce(by_hour.occupied_seconds, -1) <> stays.stay_seconds
