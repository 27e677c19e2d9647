with

registered as ({{ unite('branches') }}),

places as (

    select distinct
        source_system,
        branch_id,
        branch_key
    from {{ ref('places') }}
    where branch_id is not null

),

final as (

    select
        places.source_system,
        places.branch_key,
        places.branch_id,
        coalesce(registered.branch_name, places.branch_id) as branch_name,
        coalesce(branch_clocks.time_zone, source_systems.time_zone) as time_zone,
        registered.branch_id is not null as is_registered
    from places
    left join registered
        on
            places.source_system = registered.source_system
            and places.branch_id = registered.branch_id
    left join {{ ref('branch_clocks') }} as branch_clocks
        on places.branch_key = branch_clocks.branch_key
    left join {{ ref('source_systems') }} as source_systems
        on places.source_system = source_systems.source_system

)

select * from final
