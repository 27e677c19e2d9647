with

publications as (

    select * from {{ ref('stg_ops__publications') }}

),

final as (

    select
        publication_id,
        published_at,
        as_of,
        rows_changed,
        gate_warnings,
        is_complete,
        restored_publication_id
    from publications

)

select * from final
