with source as (
    select * from {{ source('ops', 'batches') }}
),

renamed as (
    select
        batch_id,
        source_system,
        table_name,
        as_of,
        status = 'accepted' as is_accepted,
        rows_received,
        rows_appended,
        rows_unchanged,
        rows_malformed,
        rows_deleted,
        file_name,
        received_at
    from source
)

select * from renamed
