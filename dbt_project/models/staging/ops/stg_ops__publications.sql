with source as (
    select * from {{ source('ops', 'publications') }}
),

renamed as (
    select
        publication_id,
        published_at,
        as_of,
        rows_changed,
        gate_warnings,
        is_complete,
        restored_publication_id
    from source
)

select * from renamed
