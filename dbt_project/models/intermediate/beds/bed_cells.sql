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

final as (

    select
        *,
        source_system in (select registered.source_system from registered)
            as has_bed_register
    from cells

)

select * from final
