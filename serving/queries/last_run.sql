-- The last run that was to publish and has ended: how, when, and what it counted.
with last_run as (
    select * from serving.runs
    where outcome <> 'ended'
    order by ended_at desc
    limit 1
),

accepted as (
    select
        coalesce(sum(rows_received), 0) as rows_received,
        coalesce(sum(rows_appended), 0) as rows_appended,
        coalesce(sum(rows_unchanged), 0) as rows_unchanged,
        coalesce(sum(rows_malformed), 0) as rows_malformed
    from serving.batches
    where
        run_id in (select last_run.run_id from last_run)
        and status = 'accepted'
),

rejected as (
    select coalesce(sum(rows_received), 0) as rows_rejected
    from serving.batches
    where
        run_id in (select last_run.run_id from last_run)
        and status <> 'accepted'
),

-- Null where the run did not come so far as to count them.
accounted as (
    select
        sum(raw_keys) as rows_current,
        sum(quarantined_rows) as rows_quarantined
    from serving.accounts
    where run_id in (select last_run.run_id from last_run)
),

judged as (
    select
        sum(failures) as gate_failures,
        sum(warnings) as gate_warnings
    from serving.gates
    where run_id in (select last_run.run_id from last_run)
),

final as (
    select
        last_run.outcome,
        extract(epoch from last_run.ended_at) as ended_at_seconds,
        extract(epoch from last_run.ended_at - last_run.started_at)
            as duration_seconds,
        accepted.rows_received,
        accepted.rows_appended,
        accepted.rows_unchanged,
        accepted.rows_malformed,
        rejected.rows_rejected,
        accounted.rows_current,
        accounted.rows_quarantined,
        judged.gate_failures,
        judged.gate_warnings
    from last_run
    cross join accepted
    cross join rejected
    cross join accounted
    cross join judged
)

select * from final
