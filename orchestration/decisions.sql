-- Who decided what, when and why; made and kept by every start, after bootstrap.sql.

create table if not exists ops.decisions (
    decision_id bigint generated always as identity primary key,
    decided_at timestamptz not null default now(),
    decided_by text not null,
    database_login text not null default session_user,
    action text not null,
    subject text not null,
    reason text not null check (reason ~ '\S'),
    details jsonb not null default '{}'
);

-- A batch is decided on once.
create unique index if not exists decisions_by_batch
on ops.decisions ((details ->> 'batch_id'))
where action in ('accept_batch', 'reject_batch');

-- When, and by which login, is PostgreSQL's to say: no role may write these columns.
grant select on ops.decisions to wardline_loader, wardline_transformer;
grant insert (decided_by, action, subject, reason, details) on ops.decisions
to wardline_loader, wardline_transformer;
