with

batches as (

    select * from {{ ref('stg_ops__batches') }}
    where is_accepted

),

branch_clocks as (

    select
        source_system,
        min(time_zone) as first_time_zone,
        max(time_zone) as last_time_zone
    from {{ ref('branch_clocks') }}
    group by source_system

),

last_batches as (

    select
        source_system,
        max(as_of) as as_of
    from batches
    group by source_system

),

final as (

    select
        last_batches.source_system,
        last_batches.as_of,
        cast(last_batches.as_of as date) as as_of_date,
        case
            when branch_clocks.first_time_zone = branch_clocks.last_time_zone
                then branch_clocks.first_time_zone
            else {{ hospital_time_zone() }}
        end as time_zone
    from last_batches
    left join branch_clocks
        on last_batches.source_system = branch_clocks.source_system

)

select * from final
