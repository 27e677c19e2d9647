with

batches as (

    select * from {{ ref('stg_ops__batches') }}
    where is_accepted

),

source_systems as (

    select
        source_system,
        max(as_of) as as_of,
        cast(max(as_of) as date) as as_of_date
    from batches
    group by source_system

),

final as (

    select * from source_systems

)

select * from final
