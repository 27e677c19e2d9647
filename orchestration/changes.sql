-- What the models lost and gained since the last publication, a table for each, made by
-- dbt; and what is known of them. Made and kept by every start, after bootstrap.sql.
-- Patients' rows among them: like staging, not for readers.
create schema if not exists changes authorization wardline_transformer;

-- What each model is to be now, and what it was when it was built as a whole.
create table if not exists changes._meant (model text primary key, meaning text);
create table if not exists changes._built (model text primary key, meaning text);

-- The models of which every change since the last publication is in their table, and
-- those that have any.
create table if not exists changes._kept (model text primary key);
create table if not exists changes._changed (model text primary key);

-- Accepted batches that no publication holds, and those that one does.
create table if not exists changes._taken (batch_id bigint primary key);
create table if not exists changes._published (batch_id bigint primary key);

-- The keys that raw held for the last publication.
create table if not exists changes._accounts (
    source_system text,
    table_name text,
    raw_keys bigint not null,
    primary key (source_system, table_name)
);

-- The last build, if it went through all models and their tests to its end, and nobody
-- has built a model by hand since.
create table if not exists changes._whole_builds (finished_at timestamptz not null);

-- By name: the models' tables beside them come and go while this runs.
grant select, insert, delete
on changes._meant, changes._built, changes._kept, changes._changed, changes._taken,
changes._published, changes._accounts, changes._whole_builds
to wardline_transformer;
