with

branches as (

    select * from {{ ref('branches') }}

),

final as (

    select
        source_system,
        branch_key,
        branch_name,
        time_zone
    from branches

)

select * from final
