-- What somebody has to know, and which channel has told it; made by every start.
-- An alert is open until another row resolves it. Rows hold sentences, no values.

create table if not exists ops.alerts (
    alert_id bigint generated always as identity primary key,
    raised_at timestamptz not null default now(),
    kind text not null,
    subject text not null,
    cause text not null,
    since timestamptz not null,
    sentence text not null,
    look text not null,
    resolves bigint unique references ops.alerts
);

-- Held by whoever tells, so that nothing is told twice.
create table if not exists ops.alert_lock ();

-- Each attempt to tell an alert over one channel, with what went wrong.
create table if not exists ops.alert_deliveries (
    alert_delivery_id bigint generated always as identity primary key,
    alert_id bigint not null references ops.alerts,
    channel text not null,
    attempted_at timestamptz not null default now(),
    is_delivered boolean not null,
    fault text
);

grant select, insert on ops.alerts, ops.alert_deliveries
to wardline_loader, wardline_transformer;
