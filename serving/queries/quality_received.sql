-- What became of the rows of the last run that received any, by source table.
with last_run as (
    select run_id
    from serving.batches
    order by batch_id desc
    limit 1
)

select
    batches.source_system,
    batches.table_name,
    sum(batches.rows_received)::bigint as rows_received,
    sum(batches.rows_appended)::bigint as rows_appended,
    sum(batches.rows_unchanged)::bigint as rows_unchanged,
    sum(batches.rows_malformed)::bigint as rows_malformed,
    sum(batches.rows_received)
    = sum(batches.rows_appended + batches.rows_unchanged + batches.rows_malformed)
        as is_equal
from serving.batches
inner join last_run on batches.run_id = last_run.run_id
where batches.status = 'accepted'
group by batches.source_system, batches.table_name
order by batches.source_system, batches.table_name
