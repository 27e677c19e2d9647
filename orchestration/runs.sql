-- What became of each run, whoever started it; made and kept by every start.
-- A run that has started, has not ended and holds no refresh lock has died.

create table if not exists ops.run_events (
    run_event_id bigint generated always as identity primary key,
    run_id text not null,
    happened_at timestamptz not null default now(),
    event text not null check (event in (
        'started', 'published', 'held_back', 'failed', 'interrupted', 'ended', 'died'
    )),
    started_by text not null,
    sentences text[] not null default '{}',
    unique (run_id, run_event_id)
);

-- Runs whose end is not on record: under way, or dead.
create or replace view ops.open_runs as
select
    run_id,
    min(happened_at) as started_at,
    min(started_by) as started_by
from ops.run_events
group by run_id
having bool_and(event = 'started');

grant select on ops.open_runs to wardline_transformer;
grant select, insert on ops.run_events to wardline_loader, wardline_transformer;
