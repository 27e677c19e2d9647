with

bed_cells as (

    select * from {{ ref('bed_cells') }}

),

final as (

    select
        bed_cells.source_system,
        bed_cells.bed_cell_key,
        bed_cells.bed_cell_number,
        bed_cells.time_zone,
        {{ utc_of('source_systems.as_of', 'bed_cells.time_zone') }} as as_of_utc
    from bed_cells
    inner join {{ ref('source_systems') }} as source_systems
        on bed_cells.source_system = source_systems.source_system

)

select * from final
