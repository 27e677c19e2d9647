with

occupied as (

    select distinct
        source_system,
        bed_cell_key,
        branch_key,
        department_key,
        ward_key,
        bed_type
    from {{ ref('bed_stays') }}

),

registered as (

    select distinct
        source_system,
        bed_cell_key,
        branch_key,
        department_key,
        ward_key,
        bed_type
    from {{ ref('beds') }}

),

cells as (

    select * from occupied
    union
    select * from registered

),

placed as (

    select
        cells.*,
        -- short, so that millions of hours can be sorted and joined by it
        cast(row_number() over (order by cells.bed_cell_key) as integer)
            as bed_cell_number,
        coalesce(branches.time_zone, source_systems.time_zone) as time_zone,
        source_systems.as_of,
        cells.source_system in (select registered.source_system from registered)
            as has_bed_register
    from cells
    inner join {{ ref('source_systems') }} as source_systems
        on cells.source_system = source_systems.source_system
    left join {{ ref('branches') }} as branches
        on cells.branch_key = branches.branch_key

),

final as (

    select
        *,
        {{ utc_of('as_of', 'time_zone') }} as as_of_utc
    from placed

)

select * from final
