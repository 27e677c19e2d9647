{{ built_in_months(
    'date_day', touched_wards('date_day', ['bed_cell_nights', 'bed_cell_days']),
    ["coalesce(ward_key, '')"]
) }}

with

nights as (

    select * from {{ ref('bed_cell_nights') }}

),

days as (

    select * from {{ ref('bed_cell_days') }}

),

cells as (

    select * from {{ ref('placed_bed_cells') }}

),

final as (

    select
        cells.source_system,
        nights.date_day,
        cells.branch_key,
        cells.branch_name,
        cells.department_key,
        cells.department_name,
        cells.ward_key,
        cells.ward_name,
        cells.bed_type,
        nights.occupied_beds_midnight,
        nights.available_beds,
        nights.physical_beds,
        {{ pct('nights.occupied_beds_midnight', 'nights.available_beds') }}
            as occupancy_pct,
        {{ hours_of('days.occupied_bed_microseconds') }} as occupied_bed_hours,
        days.peak_occupied_beds
    from nights
    inner join cells on nights.bed_cell_number = cells.bed_cell_number
    left join days
        on
            nights.bed_cell_number = days.bed_cell_number
            and nights.date_day = days.date_day
    where {{ is_in_touched_month(
        'nights.date_day', of=["coalesce(cells.ward_key, '')"]
    ) }}

)

select * from final
