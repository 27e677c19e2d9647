-- The last batches, the latest first.
select
    batch_id,
    source_system,
    table_name,
    as_of,
    received_at,
    status,
    rows_received,
    rows_appended,
    rows_unchanged,
    rows_malformed,
    rows_deleted
from serving.batches
order by batch_id desc
limit 200
