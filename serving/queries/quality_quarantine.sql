-- What is set aside, by source table and reason: values of current rows that do not fit
-- their column, and records that do not fit their file, of the last run with any.
with last_count as (
    select run_id
    from serving.accounts
    order by counted_at desc
    limit 1
),

last_receipt as (
    select run_id
    from serving.batches
    order by batch_id desc
    limit 1
)

select
    quarantine.source_system,
    quarantine.table_name,
    'value' as fault_type,
    quarantine.reason,
    quarantine.faults
from serving.quarantine
inner join last_count on quarantine.run_id = last_count.run_id
union all
select
    malformed.source_system,
    malformed.table_name,
    'record' as fault_type,
    malformed.reason,
    malformed.faults
from serving.malformed
inner join last_receipt on malformed.run_id = last_receipt.run_id
order by faults desc, source_system asc, table_name asc, reason asc
