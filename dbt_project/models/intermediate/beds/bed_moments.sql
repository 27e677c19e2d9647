{# How many beds of a cell are occupied from each moment on at which that changes. #}
with

changes as (

    select
        source_system,
        bed_cell_key,
        started_at as changes_at,
        1 as change
    from {{ ref('bed_stays') }}
    union all
    select
        source_system,
        bed_cell_key,
        occupied_until as changes_at,
        -1 as change
    from {{ ref('bed_stays') }}

),

-- who leaves at the moment at which another comes was not there together with them
moments as (

    select
        source_system,
        bed_cell_key,
        changes_at,
        sum(change) as change
    from changes
    group by source_system, bed_cell_key, changes_at

),

final as (

    select
        source_system,
        bed_cell_key,
        changes_at,
        cast(change as integer) as change,
        cast(sum(change) over (
            partition by bed_cell_key order by changes_at
        ) as integer) as occupied_beds
    from moments

)

select * from final
