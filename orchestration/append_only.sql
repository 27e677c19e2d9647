-- What was received, judged, decided, published and told stays as it is, also for the
-- owner: to shorten it, somebody has to drop a trigger. Runs after the files that make the
-- tables.

create or replace function ops.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '%.% is append only: what was recorded stays as it is',
        tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end
$$;

-- Made once: making them anew would wait for whoever is writing a record.
do $$
declare
    record_table text;
begin
    foreach record_table in array array[
        'ops.batches', 'ops.files', 'ops.line_offsets', 'quarantine.malformed_rows',
        'ops.accounting', 'ops.quarantine_counts', 'ops.gate_results',
        'ops.publications', 'ops.decisions', 'ops.run_events', 'ops.migrations',
        'ops.alerts', 'ops.alert_deliveries', 'serving.api_keys',
        'serving.revoked_api_keys', 'serving.user_versions'
    ]
    loop
        if not exists (
            select from pg_trigger
            where tgrelid = record_table::regclass
                and tgname = 'append_only'
        ) then
            execute format(
                'create trigger append_only before update or delete or truncate'
                ' on %s for each statement execute function ops.refuse_change()',
                record_table
            );
        end if;
    end loop;
end
$$;
