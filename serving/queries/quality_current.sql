-- Where the current rows of each source table were when they were last counted.
with last_run as (
    select run_id
    from serving.accounts
    order by counted_at desc
    limit 1
)

select
    accounts.source_system,
    accounts.table_name,
    accounts.raw_keys,
    accounts.staged_rows,
    accounts.quarantined_rows,
    accounts.raw_keys = accounts.staged_rows + accounts.quarantined_rows as is_equal
from serving.accounts
inner join last_run on accounts.run_id = last_run.run_id
where accounts.raw_keys > 0
order by accounts.source_system, accounts.table_name
