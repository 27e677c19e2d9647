with

hours as (

    select
        source_system,
        bed_cell_key,
        date_day,
        sum(occupied_bed_seconds) as occupied_bed_seconds,
        max(occupied_beds) as highest_on_the_hour
    from {{ ref('bed_cell_hours') }}
    group by source_system, bed_cell_key, date_day

),

moments as (

    select
        bed_cell_key,
        cast(changes_at as date) as date_day,
        max(occupied_beds) as highest_at_a_change
    from {{ ref('bed_moments') }}
    group by bed_cell_key, cast(changes_at as date)

),

final as (

    select
        hours.source_system,
        hours.bed_cell_key,
        hours.date_day,
        hours.occupied_bed_seconds,
        greatest(hours.highest_on_the_hour, coalesce(moments.highest_at_a_change, 0))
            as peak_occupied_beds
    from hours
    left join moments
        on
            hours.bed_cell_key = moments.bed_cell_key
            and hours.date_day = moments.date_day

)

select * from final
