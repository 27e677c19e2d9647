{{ built_in_months(
    'hour_starts_at',
    touched_wards('hour_starts_at', ['bed_cell_hours', 'bed_cell_nights']),
    ["coalesce(ward_key, '')"]
) }}

with

hours as (

    select * from {{ ref('bed_cell_hours') }}

),

nights as (

    select * from {{ ref('bed_cell_nights') }}

),

cells as (

    select * from {{ ref('placed_bed_cells') }}

),

final as (

    select
        cells.source_system,
        hours.hour_starts_at,
        cells.branch_key,
        cells.branch_name,
        cells.department_key,
        cells.department_name,
        cells.ward_key,
        cells.ward_name,
        cells.bed_type,
        hours.occupied_beds,
        {{ hours_of('hours.occupied_bed_microseconds') }} as occupied_bed_hours,
        nights.available_beds,
        hours.elapsed_hours
    from hours
    inner join cells on hours.bed_cell_number = cells.bed_cell_number
    inner join nights
        on
            hours.bed_cell_number = nights.bed_cell_number
            and hours.date_day = nights.date_day
    where {{ is_in_touched_month(
        'hours.date_day', of=["coalesce(cells.ward_key, '')"]
    ) }}

)

select * from final
