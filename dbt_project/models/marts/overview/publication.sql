with

publications as (

    select * from {{ ref('publications') }}

),

final as (

    select
        publication_id,
        published_at,
        as_of,
        rows_changed,
        gate_warnings,
        is_complete
    from publications

)

select * from final
