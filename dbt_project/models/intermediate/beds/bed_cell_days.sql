{%- set touched = changed(
    {'bed_cell_hours': 'date_day', 'bed_moments': 'changes_at'}, of=['bed_cell_number']
) -%}
{{ built_in_months('date_day', touched, ['bed_cell_number']) }}

with

hours as (

    select
        bed_cell_number,
        date_day,
        cast(sum(occupied_bed_microseconds) as bigint) as occupied_bed_microseconds,
        max(occupied_beds) as highest_on_the_hour
    from {{ ref('bed_cell_hours') }}
    where {{ is_in_touched_month('date_day', of=['bed_cell_number']) }}
    group by bed_cell_number, date_day

),

moments as (

    select
        bed_cell_number,
        cast(changes_at as date) as date_day,
        max(occupied_beds) as highest_at_a_change
    from {{ ref('bed_moments') }}
    where {{ is_in_touched_month('changes_at', of=['bed_cell_number']) }}
    group by bed_cell_number, cast(changes_at as date)

),

final as (

    select
        hours.bed_cell_number,
        hours.date_day,
        hours.occupied_bed_microseconds,
        greatest(hours.highest_on_the_hour, coalesce(moments.highest_at_a_change, 0))
            as peak_occupied_beds
    from hours
    left join moments
        on
            hours.bed_cell_number = moments.bed_cell_number
            and hours.date_day = moments.date_day

)

select * from final
