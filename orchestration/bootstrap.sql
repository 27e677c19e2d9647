-- The warehouse's roles, schemas and bookkeeping, made and kept by every start.
-- Idempotent: each statement holds on a server of any age. No secrets here.

do $$
declare
    role_name text;
begin
    foreach role_name in array
        array['wardline_loader', 'wardline_transformer', 'wardline_reader']
    loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
            execute format('grant %I to current_user', role_name);
        end if;
    end loop;
    execute format(
        'grant create on database %I to wardline_loader', current_database()
    );
end
$$;

create schema if not exists landing authorization wardline_loader;
create schema if not exists staging authorization wardline_transformer;
create schema if not exists intermediate authorization wardline_transformer;
create schema if not exists candidate authorization wardline_transformer;
create schema if not exists marts authorization wardline_transformer;
create schema if not exists quarantine;
create schema if not exists ops;

grant usage on schema quarantine, ops to wardline_loader;
grant usage, create on schema quarantine to wardline_transformer;
grant usage on schema ops, landing to wardline_transformer;
grant usage on schema marts to wardline_reader;

-- What the loader makes, the transformer reads; what is published, the reader reads.
alter default privileges for role wardline_loader
grant usage on schemas to wardline_transformer;
alter default privileges for role wardline_loader
grant select on tables to wardline_transformer;
alter default privileges for role wardline_transformer in schema marts
grant select on tables to wardline_reader;
revoke all on schema public from public;

-- A runaway query of an analyst must not hold the server until morning.
alter role wardline_reader set statement_timeout = '60s';
alter role wardline_reader set default_transaction_read_only = on;

-- ops: append only, so no role is granted update or delete.
create table if not exists ops.gate_results (
    gate_result_id bigint generated always as identity primary key,
    run_id text not null,
    gate text not null,
    subject text not null,
    expectation text not null,
    severity text not null,
    is_success boolean not null,
    observed text,
    sentence text not null,
    judged_at timestamptz not null default now()
);
create table if not exists ops.publications (
    publication_id bigint generated always as identity primary key,
    published_at timestamptz not null default now(),
    as_of timestamp,
    rows_changed bigint not null,
    gate_warnings integer not null,
    is_complete boolean not null,
    run_id text not null
);
-- HMAC-SHA-256's two padded keys (RFC 2104), one row: the pseudonyms' secret.
create table if not exists ops.pseudonym_key (
    is_only_row boolean primary key default true check (is_only_row),
    inner_pad bytea not null,
    outer_pad bytea not null
);
grant select, insert on ops.gate_results to wardline_loader, wardline_transformer;
grant select, insert on ops.publications to wardline_transformer;
grant select on ops.publications to wardline_loader;
grant select on ops.pseudonym_key to wardline_transformer;
