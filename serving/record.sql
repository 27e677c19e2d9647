-- The record of runs as the dashboard shows it: counts and sentences, no value of a
-- patient and no file's name, and nothing of a run that is under way: half of what it finds
-- would stand beside how the one before it ended. The server may read these views and
-- nothing else of ops and quarantine; made and kept by every start.

create or replace view serving.runs as
select
    ended.run_id,
    started.happened_at as started_at,
    ended.happened_at as ended_at,
    ended.event as outcome,
    published.publication_id,
    published.as_of,
    published.rows_changed,
    published.is_complete
from ops.run_events as ended
left join ops.run_events as started
    on ended.run_id = started.run_id and started.event = 'started'
left join ops.publications as published
    on ended.run_id = published.run_id and published.restored_publication_id is null
where ended.event <> 'started';

create or replace view serving.gates as
select
    run_id,
    gate,
    max(judged_at) as judged_at,
    count(*) as expectations,
    count(*) filter (where not is_success and severity = 'critical') as failures,
    count(*) filter (where not is_success and severity <> 'critical') as warnings
from ops.gate_results
where run_id not in (select run_id from ops.open_runs)
group by run_id, gate;

-- What concerns a whole night is found on each of its tables, and said once.
create or replace view serving.findings as
select
    run_id,
    gate,
    severity,
    -- without the command that shows the rows, which is for the command line
    split_part(sentence, ' To see them: ', 1) as sentence,
    min(subject) as subject,
    min(gate_result_id) as finding_id
from ops.gate_results
where not is_success and run_id not in (select run_id from ops.open_runs)
group by 1, 2, 3, 4;

create or replace view serving.batches as
select
    batches.batch_id,
    batches.run_id,
    batches.source_system,
    batches.table_name,
    batches.as_of,
    batches.received_at,
    batches.rows_received,
    batches.rows_appended,
    batches.rows_unchanged,
    batches.rows_malformed,
    batches.rows_deleted,
    coalesce('rejected, then ' || decided.decision, batches.status) as status
from ops.batches
left join ops.batch_decisions as decided on batches.batch_id = decided.batch_id
where batches.run_id not in (select run_id from ops.open_runs);

create or replace view serving.quarantine as
select
    run_id,
    source_system,
    table_name,
    column_name || ' ' || reason as reason,
    faults
from ops.quarantine_counts;

create or replace view serving.malformed as
select
    batches.run_id,
    malformed.source_system,
    malformed.table_name,
    malformed.reason,
    count(*) as faults
from quarantine.malformed_rows as malformed
inner join ops.batches on malformed.batch_id = batches.batch_id
group by 1, 2, 3, 4;

create or replace view serving.accounts as
select
    run_id,
    source_system,
    table_name,
    raw_keys,
    staged_rows,
    quarantined_rows,
    counted_at
from ops.accounting
where run_id not in (select run_id from ops.open_runs);

-- Without the sentence, which is for whoever is on call.
create or replace view serving.open_alerts as
select
    raised.kind,
    raised.since
from ops.alerts as raised
where
    raised.resolves is null
    and not exists (
        select from ops.alerts as over
        where over.resolves = raised.alert_id
    );

grant select on
    serving.open_alerts, serving.runs, serving.gates, serving.findings, serving.batches, serving.quarantine,
    serving.malformed, serving.accounts
to wardline_server;
