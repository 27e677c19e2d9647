with

final as (

    select * from {{ ref('stg_ops__publications') }}

)

select * from final
