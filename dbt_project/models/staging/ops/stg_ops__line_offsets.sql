with source as (
    select * from {{ source('ops', 'line_offsets') }}
),

renamed as (
    select
        batch_id,
        from_row,
        line_offset
    from source
)

select * from renamed
