-- The last run that was to publish and has ended: how, when, and what it counted.
with last_run as (
    select * from serving.runs
    where outcome <> 'ended'
    order by ended_at desc
    limit 1
),

received as (
    select
        sum(rows_received) as rows_received,
        sum(rows_appended) as rows_appended,
        sum(rows_unchanged) as rows_unchanged,
        sum(rows_malformed) as rows_malformed
    from serving.batches
    where run_id in (select last_run.run_id from last_run)
),

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
        received.rows_received,
        received.rows_appended,
        received.rows_unchanged,
        received.rows_malformed,
        accounted.rows_current,
        accounted.rows_quarantined,
        judged.gate_failures,
        judged.gate_warnings
    from last_run
    cross join received
    cross join accounted
    cross join judged
)

select * from final
